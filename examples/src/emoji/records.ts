import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** An emoji as it is stored. */
export interface EmojiRecord {
  /** Short name, as chats write it between colons: 'cat'. */
  id: string;
  /** The characters themselves. */
  emoji: string;
  name: string;
  keywords: string;
  category: string;
  subcategory: string;
  /** Path of Google's drawing, 64 x 64 pixels. */
  picture: string;
  /** Path of a clip in which a voice says the name; a few emoji have one. */
  spoken?: string;
}

/** The members of emoji.json that are used here. */
interface SourceEmoji {
  name: string;
  unified: string;
  non_qualified: string | null;
  image: string;
  short_name: string;
  short_names: string[];
  category: string;
  subcategory: string;
}

const require = createRequire(import.meta.url);
const emojiFolder = dirname(require.resolve('emoji-datasource-google/package.json'));
/** Clips and drawings that come with the examples. */
const ownFolder = fileURLToPath(new URL('../../', import.meta.url));

/** Clips in which another voice says the names that are stored. */
export const ASKED_CLIPS = join(ownFolder, 'clips', 'asked');

/** Path of one of the example's drawings. */
export function drawing(name: string): string {
  return join(ownFolder, 'drawings', `${name}.png`);
}

/** Path of the clip in which another voice says the name of an emoji. */
export function askedClip(id: string): string {
  return join(ASKED_CLIPS, `${id}.opus`);
}

/** All emoji but swatches of skin tones, in the order of their code points. */
export function readEmoji(): EmojiRecord[] {
  const emoji = JSON.parse(readFileSync(join(emojiFolder, 'emoji.json'), 'utf8')) as SourceEmoji[];
  const keywords = JSON.parse(readFileSync(require.resolve('emojilib'), 'utf8')) as Record<string, string[]>;
  const clips = join(ownFolder, 'clips', 'stored');
  const spoken = new Set(readdirSync(clips).map((file) => basename(file, '.opus')));
  return emoji
    .filter(({ category }) => category !== 'Component')
    .map((source) => ({
      id: source.short_name,
      emoji: characters(source.unified),
      name: source.name.toLowerCase(),
      keywords: keywordsOf(source, keywords),
      category: source.category,
      subcategory: source.subcategory,
      picture: join(emojiFolder, 'img', 'google', '64', source.image),
      ...(spoken.has(source.short_name) && { spoken: join(clips, `${source.short_name}.opus`) }),
    }));
}

/** Words that people look for an emoji by, each once. */
function keywordsOf({ unified, non_qualified, short_names }: SourceEmoji, known: Record<string, string[]>): string {
  const listed = known[characters(unified)] ?? (non_qualified === null ? undefined : known[characters(non_qualified)]);
  const words = [...short_names, ...(listed ?? [])].map((word) => word.replaceAll(/[_-]/g, ' ').trim());
  return [...new Set(words)].join(', ');
}

/** '1F1EA-1F1EC' as text. */
function characters(unified: string): string {
  return String.fromCodePoint(...unified.split('-').map((point) => Number.parseInt(point, 16)));
}
