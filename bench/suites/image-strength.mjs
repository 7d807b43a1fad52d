// What: how far image:mobilenet-v2 is to be trusted beside words and meaning, which its `strength` says. A drawing of an
//   emoji by Google and some words of it ask for the record with its name and Twitter's drawing, among 400; words have
//   weight .8 and meaning .2, their strengths, and the drawing one weight after the other. Recall@1 and recall@10.
// Data: 400 emoji, spread evenly over all (data/emoji.mjs). The words are, from precise to vague: another short name of
//   the emoji, the first word of its short name, the group that it is in.
// Run: npm run bench -- image-strength
import { open } from '@nearfield/engine';
import { drawingOf, emojiConcepts, spread } from '../data/emoji.mjs';

export const description = 'image:mobilenet-v2 beside words and meaning: recall by the weight of the drawing';

const CONCEPTS = 400;
const WEIGHTS = [0, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2];
const WORDS = {
  'another short name': (emoji) => emoji.short_names.at(-1).replace(/[-_]/g, ' '),
  'first word': (emoji) => emoji.short_names[0].split(/[-_]/)[0],
  group: (emoji) => emoji.subcategory.replace(/-/g, ' '),
};

export async function run() {
  const all = emojiConcepts();
  const concepts = spread(all.length, CONCEPTS).map((at) => all[at]);
  const db = await open(':memory:');
  const emojis = await db.collection('emojis', {
    fields: { name: 'text', drawing: 'image' },
    vectors: {
      meaning: { from: ['name'], encoder: 'text:use-lite' },
      words: { from: ['name'], encoder: 'bow:english' },
      look: { from: ['drawing'], encoder: 'image:mobilenet-v2' },
    },
  });
  await emojis.upsert(
    concepts.map((emoji) => ({
      id: emoji.unified,
      name: emoji.name.toLowerCase(),
      drawing: drawingOf('twitter', emoji),
    })),
  );
  const rows = [];
  for (const weight of WEIGHTS) {
    const row = { weight };
    for (const [title, wordsOf] of Object.entries(WORDS)) {
      const ranks = [];
      for (const emoji of concepts) ranks.push(await rankOf(emojis, emoji, wordsOf(emoji), weight));
      row[title] = [1, 10].map((k) => (ranks.filter((rank) => rank <= k).length / CONCEPTS).toFixed(3)).join(', ');
    }
    rows.push(row);
  }
  await db.close();
  return rows;
}

async function rankOf(emojis, emoji, text, weight) {
  const look = { vector: 'look', image: drawingOf('google', emoji), weight };
  const near = [
    { vector: 'meaning', text, weight: 0.2 },
    { vector: 'words', text, weight: 0.8 },
    ...(weight > 0 ? [look] : []),
  ];
  const { hits } = await emojis.search({ near, limit: 10, select: [], exact: true });
  const at = hits.findIndex(({ id }) => id === emoji.unified);
  return at < 0 ? Infinity : at + 1;
}
