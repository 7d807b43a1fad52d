// What: image:mobilenet-v2 across two hands: each of Google's drawings asks for Twitter's drawing of the same emoji among
//   400, by cosine. Recall@k is the share of them whose counterpart is among the first k.
// Data: 400 emoji without flags, spread evenly over all (data/emoji.mjs), and 20 random draws of 400, as which ones are
//   taken moves recall@1 by some .03. The margin that the encoder leaves around a drawing was chosen on every other emoji.
// Run: npm run bench -- emoji
import { encoder } from '@nearfield/encoders';
import { drawingOf, emojiConcepts, spread } from '../data/emoji.mjs';
import { permutation, uniform } from '../data/random.mjs';
import { range, shown } from '../measure/spread.mjs';

export const description = 'image:mobilenet-v2: Google drawings of emoji as queries against Twitter drawings';

const CONCEPTS = 400;
const DRAWS = 20;
const SEED = 224;

export async function run() {
  const concepts = emojiConcepts();
  const model = await encoder('image:mobilenet-v2');
  const embed = (set) => model.encode(concepts.map((emoji) => ({ kind: 'image', image: drawingOf(set, emoji) })));
  const queries = await embed('google');
  const drawings = await embed('twitter');
  await model.close();
  const scores = queries.map((query) => Float32Array.from(drawings, (drawing) => dot(query, drawing)));
  const random = uniform(SEED);
  const draws = Array.from({ length: DRAWS }, () =>
    ranks(scores, permutation(concepts.length, random).slice(0, CONCEPTS)),
  );
  const even = ranks(scores, spread(concepts.length, CONCEPTS));
  return [
    { concepts: `${CONCEPTS}, evenly spread`, ...rowOf((k) => shown(recall(even, k))) },
    {
      concepts: `${CONCEPTS}, mean of ${DRAWS} draws`,
      ...rowOf((k) => shown(mean(draws.map((draw) => recall(draw, k))))),
    },
    { concepts: `${CONCEPTS}, range of ${DRAWS} draws`, ...rowOf((k) => range(draws.map((draw) => recall(draw, k)))) },
  ];
}

function rowOf(cell) {
  return Object.fromEntries([1, 5, 10].map((k) => [`recall@${k}`, cell(k)]));
}

/** Of each query of a part, the rank of its counterpart in that part; a tie counts against it. */
function ranks(scores, part) {
  return Array.from(part, (query) => {
    const own = scores[query][query];
    return 1 + part.filter((other) => other !== query && scores[query][other] >= own).length;
  });
}

function recall(ranksOf, k) {
  return ranksOf.filter((rank) => rank <= k).length / ranksOf.length;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function dot(a, b) {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at] * b[at];
  return sum;
}
