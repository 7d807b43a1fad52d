// Drawings of emoji by Google and Twitter (npm emoji-datasource-google, emoji-datasource-twitter), 64 x 64 pixels, on a
// transparent ground: one concept, drawn by two hands. Flags are left out, which look alike everywhere, and so are skin
// tones.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const folderOf = (set) => dirname(require.resolve(`emoji-datasource-${set}/package.json`));

/** Every concept that both have drawn, in the order in which keyboards show them. */
export function emojiConcepts() {
  return JSON.parse(readFileSync(join(folderOf('google'), 'emoji.json'), 'utf8'))
    .filter((emoji) => emoji.has_img_google && emoji.has_img_twitter && emoji.category !== 'Flags')
    .sort((a, b) => a.sort_order - b.sort_order);
}

/** `count` of a list's places, evenly spread. */
export function spread(length, count) {
  return Array.from({ length: count }, (_, at) => Math.floor((at * length) / count));
}

/** The file of a concept's drawing by 'google' or 'twitter'. */
export function drawingOf(set, concept) {
  return join(folderOf(set), 'img', set, '64', concept.image);
}
