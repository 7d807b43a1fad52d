import t from 'tap';
import { Bitset, InvertedIndex, type TermVector } from '@nearfield/engine/internals/indexes/index';
import { seededRandom, type Random } from '../filter/random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 14);
const byRow = (a: number, b: number) => a - b;

function randomDocument(random: Random, terms: number, most: number): TermVector {
  const weights = new Map<number, number>();
  for (let i = 0; i < 1 + Math.floor(random() * most); i++) {
    // The square makes low numbers common words.
    const term = Math.floor(random() ** 2 * terms);
    weights.set(term, (weights.get(term) ?? 0) + 1);
  }
  return { terms: Uint32Array.from(weights.keys()), weights: Float32Array.from(weights.values()) };
}

/** BM25 from its formula, over the documents alive, in double precision. */
function naiveScores(documents: ReadonlyMap<number, TermVector>, query: TermVector, k1: number, b: number) {
  const length = ({ weights }: TermVector) => weights.reduce((sum, weight) => sum + weight, 0);
  const mean = [...documents.values()].reduce((sum, document) => sum + length(document), 0) / documents.size;
  const scores = new Map<number, number>();
  for (const [i, term] of query.terms.entries()) {
    const containing = [...documents].filter(([, { terms }]) => terms.includes(term));
    const idf = Math.log(1 + (documents.size - containing.length + 0.5) / (containing.length + 0.5));
    for (const [record, document] of containing) {
      const frequency = document.weights[document.terms.indexOf(term)];
      const saturated = (frequency * (k1 + 1)) / (frequency + k1 * (1 - b + (b * length(document)) / mean));
      scores.set(record, (scores.get(record) ?? 0) + query.weights[i] * idf * saturated);
    }
  }
  return scores;
}

for (const { k1, b } of [
  { k1: 1.2, b: 0.75 },
  { k1: 0, b: 0 },
  { k1: 2, b: 1 },
]) {
  t.test(`BM25 with k1 ${k1} and b ${b} follows adds and removes (NEARFIELD_SEED=${SEED})`, async (t) => {
    const random = seededRandom(SEED);
    const index = new InvertedIndex({ k1, b });
    const alive = new Bitset();
    const documents = new Map<number, TermVector>();
    for (let row = 0; row < 400; row++) {
      if (random() < 0.9) {
        documents.set(row, randomDocument(random, 60, 40));
        index.append(row, documents.get(row)!);
        alive.add(row);
      }
      if (random() < 0.4 && documents.size > 0) {
        const victim = [...documents.keys()][Math.floor(random() * documents.size)];
        index.remove(victim, documents.get(victim)!);
        documents.delete(victim);
        alive.delete(victim);
      }
      if (row % 20 !== 19) continue;
      const query = randomDocument(random, 65, 4);
      const expected = naiveScores(documents, query, k1, b);
      const limit = 1 + Math.floor(random() * 60);
      const found = index.search(query, limit, alive, row + 1, byRow);
      t.equal(index.documents, documents.size);
      t.same([...found.matched().toArray()], [...expected.keys()].sort(byRow), `matches at row ${row}`);
      const best = [...expected.values()].sort((x, y) => y - x).slice(0, limit);
      t.equal(found.records.length, best.length);
      const wrong = best.filter((score, i) => {
        const own = expected.get(found.records[i])!;
        return Math.abs(found.scores[i] - score) > 1e-5 * score || Math.abs(found.scores[i] - own) > 1e-5 * own;
      });
      t.same(wrong, [], `scores at row ${row}`);
    }
  });
}

const document = (...terms: number[]): TermVector => ({
  terms: Uint32Array.from(terms),
  weights: new Float32Array(terms.length).fill(1),
});

function filled(rows: number, vector: TermVector): [InvertedIndex, Bitset] {
  const index = new InvertedIndex({ k1: 1.2, b: 0.75 });
  const alive = new Bitset();
  for (let row = 0; row < rows; row++) {
    index.append(row, vector);
    alive.add(row);
  }
  return [index, alive];
}

t.test('of records that tie at the limit the first by the tie break are kept', async (t) => {
  const [index, alive] = filled(100, document(1, 2));
  const found = index.search(document(1), 10, alive, 100, (a, b) => b - a);
  t.same([...found.records], [99, 98, 97, 96, 95, 94, 93, 92, 91, 90]);
  t.equal(new Set(found.scores).size, 1);
});

t.test('a score does not depend on what was deleted', async (t) => {
  const [index, alive] = filled(50, document(1, 2));
  const [fresh, freshAlive] = filled(50, document(1, 2));
  for (let row = 50; row < 90; row++) index.append(row, document(1, 3, 4, 5));
  for (let row = 50; row < 90; row++) index.remove(row, document(1, 3, 4, 5));
  const query = document(1, 2, 3);
  t.same(index.search(query, 5, alive, 90, byRow).scores, fresh.search(query, 5, freshAlive, 50, byRow).scores);
});

t.test('a record that never came in can be removed', async (t) => {
  const [index, alive] = filled(1, document(1, 2));
  const before = index.search(document(1), 5, alive, 3, byRow).scores;
  index.remove(2, document(1, 2));
  t.equal(index.documents, 1);
  t.same(index.search(document(1), 5, alive, 3, byRow).scores, before);
});

t.test('a query leaves nothing behind for the next one', async (t) => {
  const [index, alive] = filled(20, document(1, 2));
  const first = index.search(document(1, 2), 20, alive, 20, byRow);
  t.same(index.search(document(9), 20, alive, 20, byRow).records.length, 0);
  t.same({ ...index.search(document(1, 2), 20, alive, 20, byRow), matched: first.matched }, first);
});

t.test('weights too small to add up leave every record once', async (t) => {
  const [index, alive] = filled(3, { terms: Uint32Array.of(1, 2), weights: Float32Array.of(1e-44, 1e-44) });
  const query = { terms: Uint32Array.of(1, 2), weights: Float32Array.of(1e-44, 1e-44) };
  t.same([...index.search(query, 10, alive, 3, byRow).records], [0, 1, 2]);
});
