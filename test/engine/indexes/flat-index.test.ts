import t from 'tap';
import { searchFlat } from './search-flat.js';
import { Bitset, FlatIndex } from '@nearfield/engine/internals/indexes/index';
import { seededRandom, type Random } from '../filter/random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 13);
const METRICS = ['cosine', 'dot', 'euclidean'] as const;

type Metric = (typeof METRICS)[number];

const byRow = (a: number, b: number) => a - b;

function score(metric: Metric, a: Float32Array, b: Float32Array): number {
  let [dot, square, aa, bb] = [0, 0, 0, 0];
  for (const i of a.keys()) {
    dot += a[i] * b[i];
    square += (a[i] - b[i]) ** 2;
    aa += a[i] ** 2;
    bb += b[i] ** 2;
  }
  return metric === 'dot' ? dot : metric === 'euclidean' ? -Math.sqrt(square) : dot / Math.sqrt(aa * bb);
}

function full(rows: number): Bitset {
  const bits = new Bitset(rows);
  for (let row = 0; row < rows; row++) bits.add(row);
  return bits;
}

function randomVector(random: Random, dimensions: number): Float32Array {
  return Float32Array.from({ length: dimensions }, () => random() * 2 - 1);
}

for (const metric of METRICS) {
  t.test(`${metric}: the best are those of a naive scan, under any bitmap (NEARFIELD_SEED=${SEED})`, async (t) => {
    const random = seededRandom(SEED);
    for (const dimensions of [1, 3, 16, 65]) {
      const rows = 400;
      const index = new FlatIndex(dimensions, metric);
      const vectors = new Map<number, Float32Array>();
      for (let row = 0; row < rows; row++) {
        // Every third record has no vector.
        if (random() < 0.33) continue;
        vectors.set(row, randomVector(random, dimensions));
        index.append(row, vectors.get(row)!);
      }
      for (const share of [0, 0.02, 0.5, 1]) {
        const allowed = new Bitset(rows);
        for (let row = 0; row < rows; row++) if (random() < share) allowed.add(row);
        const query = randomVector(random, dimensions);
        const expected = [...vectors]
          .filter(([row]) => allowed.has(row))
          .map(([row, vector]) => ({ row, score: score(metric, query, vector) }))
          .sort((a, b) => b.score - a.score || a.row - b.row);
        for (const limit of [1, 10, rows]) {
          const found = searchFlat(index, query, limit, allowed, rows, byRow);
          const best = expected.slice(0, limit);
          t.equal(found.records.length, best.length);
          const wrong = best.filter(({ score }, i) => Math.abs(found.scores[i] - score) > 1e-5 * Math.max(1, -score));
          t.same(wrong, [], `scores of ${dimensions} dimensions, share ${share}, limit ${limit}`);
          const known = new Map(expected.map(({ row, score }) => [row, score]));
          const honest = Array.from(found.records, (row, i) => Math.abs(known.get(row)! - found.scores[i]) < 1e-4);
          t.notOk(honest.includes(false), 'every score is that of its record');
          t.equal(new Set(found.records).size, found.records.length, 'no record comes twice');
        }
      }
    }
  });

  t.test(`${metric}: of records that tie at the boundary the first by the tie break are kept`, async (t) => {
    const index = new FlatIndex(5, metric);
    const rows = 600;
    // Multiples of one vector tie under cosine only up to rounding, so equal vectors are used.
    for (let row = 0; row < rows; row++)
      index.append(row, Float32Array.of(0.1, 0.7, -0.3, row % 50 === 7 ? 9 : 0.2, 1));
    const query = Float32Array.of(0.1, 0.7, -0.3, 0.2, 1);
    const better = Array.from({ length: 12 }, (_, i) => 50 * i + 7);
    const tied = [...Array(rows).keys()].filter((row) => !better.includes(row));
    for (const limit of [1, 13, 100, rows]) {
      const down = searchFlat(index, query, limit, full(rows), rows, (a, b) => b - a);
      const expected =
        metric === 'dot'
          ? [...better.toReversed(), ...tied.toReversed()]
          : [...tied.toReversed(), ...better.toReversed()];
      t.same([...down.records], expected.slice(0, limit), `limit ${limit}`);
    }
  });
}

t.test('a cosine stays within [-1, 1] and tiny vectors keep their direction', async (t) => {
  const index = new FlatIndex(3, 'cosine');
  const vectors = [
    [1e-30, 2e-30, 3e-30],
    [1e16, 2e16 / 2, 3e15],
    [-1e-38, -2e-38, -3e-38],
    [0.1, 0.2, 0.3],
  ];
  for (const [row, vector] of vectors.entries()) index.append(row, Float32Array.from(vector));
  const found = searchFlat(index, Float32Array.of(1e-20, 2e-20, 3e-20), 4, full(4), 4, byRow);
  t.ok(found.scores.every((score) => score >= -1 && score <= 1));
  t.same([...found.records].at(-1), 2, 'the opposite direction is last');
  t.ok(Math.abs(found.scores[0] - 1) < 1e-6 && Math.abs(found.scores[3] + 1) < 1e-6);
});

t.test('an equal vector is at distance 0, not -0', async (t) => {
  const index = new FlatIndex(2, 'euclidean');
  index.append(0, Float32Array.of(3, 4));
  t.ok(Object.is(searchFlat(index, Float32Array.of(3, 4), 1, full(1), 1, byRow).scores[0], 0));
});

t.test('vectors of many dimensions fill several blocks, and each is still found', async (t) => {
  const dimensions = 65_536;
  const rows = 200;
  const index = new FlatIndex(dimensions, 'euclidean');
  index.reserve(rows);
  const before = index.bytes;
  const vector = new Float32Array(dimensions);
  for (let row = 0; row < rows; row++) {
    vector[row] = row + 1;
    index.append(row, vector);
    vector[row] = 0;
  }
  t.ok(before > 3 * 16 * 1024 * 1024, 'room for all was made at once');
  t.equal(index.bytes, before, 'appending takes no more');
  t.equal(index.size, rows);
  for (const row of [0, 62, 63, 64, 127, 199]) {
    vector[row] = row + 1;
    const found = searchFlat(index, vector, 1, full(rows), rows, byRow);
    vector[row] = 0;
    t.same([...found.records], [row]);
    t.same([...found.scores], [0]);
  }
});

t.test('more vectors than the memory holds are refused, and those held stay searchable', async (t) => {
  const index = new FlatIndex(4, 'dot');
  index.append(0, Float32Array.of(1, 2, 3, 4));
  t.throws(() => index.reserve(2 ** 32), { code: 'MEMORY_EXHAUSTED' });
  t.same([...searchFlat(index, Float32Array.of(1, 0, 0, 0), 1, full(1), 1, byRow).scores], [1]);
});
