// What: image:mobilenet-v2 across two hands: each of Google's drawings asks for Twitter's drawing of the same emoji, by
//   the public search. Recall@k is the share of them whose counterpart is among the first k.
// Data: 400 emoji without flags (data/emoji.mjs), none of those that the encoder's settings were chosen by.
// Run: npm run bench -- emoji
import { open } from '@nearfield/engine';
import { drawingOf, emojiConcepts } from '../data/emoji.mjs';
import { shown } from '../measure/spread.mjs';

export const description = 'image:mobilenet-v2: Google drawings of emoji as queries against Twitter drawings';

const CONCEPTS = 400;

export async function run() {
  const concepts = emojiConcepts(CONCEPTS);
  const db = await open(':memory:');
  const drawings = await db.collection('drawings', {
    fields: { name: 'text', drawing: 'image' },
    vectors: { look: { from: ['drawing'], encoder: 'image:mobilenet-v2' } },
  });
  await drawings.upsert(
    concepts.map((emoji) => ({ id: emoji.unified, name: emoji.name, drawing: drawingOf('twitter', emoji) })),
  );
  const ranks = [];
  for (const emoji of concepts) {
    const near = [{ vector: 'look', image: drawingOf('google', emoji) }];
    const { hits } = await drawings.search({ near, limit: CONCEPTS, exact: true, select: [] });
    ranks.push(1 + hits.findIndex(({ id }) => id === emoji.unified));
  }
  await db.close();
  const recall = (k) => shown(ranks.filter((rank) => rank <= k).length / ranks.length);
  const meanReciprocal = ranks.reduce((sum, rank) => sum + 1 / rank, 0) / ranks.length;
  return [
    {
      concepts: CONCEPTS,
      'recall@1': recall(1),
      'recall@5': recall(5),
      'recall@10': recall(10),
      mrr: shown(meanReciprocal),
    },
  ];
}
