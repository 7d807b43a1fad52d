// Drawings of emoji by Google and Twitter (npm emoji-datasource-google, emoji-datasource-twitter), 64 x 64 pixels, on a
// transparent ground: one concept, drawn by two hands. Flags are left out, which look alike everywhere, and so are skin
// tones.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const folderOf = (set) => dirname(require.resolve(`emoji-datasource-${set}/package.json`));

/**
 * `count` concepts, evenly spread over the order in which keyboards show them. Only every other one is drawn from: the
 * rest chose the settings of `image:mobilenet-v2`.
 */
export function emojiConcepts(count) {
  const every = JSON.parse(readFileSync(join(folderOf('google'), 'emoji.json'), 'utf8'));
  const known = every
    .filter((emoji) => emoji.has_img_google && emoji.has_img_twitter && emoji.category !== 'Flags')
    .sort((a, b) => a.sort_order - b.sort_order)
    .filter((_, at) => at % 2 === 1);
  if (known.length < count) throw new Error(`There are ${known.length} concepts, too few`);
  return Array.from({ length: count }, (_, at) => known[Math.floor((at * known.length) / count)]);
}

/** The file of a concept's drawing by 'google' or 'twitter'. */
export function drawingOf(set, concept) {
  return join(folderOf(set), 'img', set, '64', concept.image);
}
