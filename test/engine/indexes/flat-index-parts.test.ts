import t from 'tap';
import { searchFlat } from './search-flat.js';
import { Bitset, FlatIndex } from '@nearfield/engine/internals/indexes/index';
import { seededRandom, type Random } from '../filter/random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 29);
const METRICS = ['cosine', 'dot', 'euclidean'] as const;
const DIMENSIONS = 3;

type Metric = (typeof METRICS)[number];
type Records = Map<number, Float32Array>;

const byRow = (a: number, b: number) => a - b;
const backwards = (a: number, b: number) => b - a;

interface Found {
  readonly record: number;
  readonly score: number;
  readonly part: number;
}

function full(rows: number): Bitset {
  const bits = new Bitset(rows);
  for (let row = 0; row < rows; row++) bits.add(row);
  return bits;
}

/** Small integers, so that sums are exact and many scores tie: axis vectors under cosine, for the same reason. */
function exactVector(random: Random, metric: Metric): number[] {
  const axis = Math.floor(random() * DIMENSIONS);
  return Array.from({ length: DIMENSIONS }, (_, i) => {
    if (metric === 'cosine') return i === axis ? (random() < 0.5 ? 1 : -1) : 0;
    return Math.floor(random() * 7) - 3;
  });
}

/** Most records have one vector or a few, some have many, some none. */
function randomRecords(random: Random, metric: Metric, rows: number): Records {
  const records: Records = new Map();
  for (let row = 0; row < rows; row++) {
    const draw = random();
    const parts = draw < 0.2 ? 0 : draw < 0.5 ? 1 : draw < 0.95 ? 1 + Math.floor(random() * 6) : 40;
    if (parts === 0) continue;
    records.set(row, Float32Array.from(Array.from({ length: parts }, () => exactVector(random, metric)).flat()));
  }
  return records;
}

function score(metric: Metric, a: Float32Array, b: Float32Array): number {
  const dot = a.reduce((sum, value, i) => sum + value * b[i], 0);
  if (metric !== 'euclidean') return dot;
  return 0 - Math.fround(Math.hypot(...a.map((value, i) => value - b[i])));
}

const vectorsOf = (flat: Float32Array) =>
  Array.from({ length: flat.length / DIMENSIONS }, (_, i) => flat.subarray(i * DIMENSIONS, (i + 1) * DIMENSIONS));

/** Every record of `allowed` by its best pair of a query vector and a part. */
function naive(metric: Metric, records: Records, query: Float32Array, allowed: Bitset, tie = byRow): Found[] {
  const found: Found[] = [];
  for (const [record, flat] of records) {
    if (!allowed.has(record)) continue;
    const parts = vectorsOf(flat);
    const scores = parts.map((part) => Math.max(...vectorsOf(query).map((vector) => score(metric, vector, part))));
    const best = Math.max(...scores);
    found.push({ record, score: best, part: parts.length === 1 ? -1 : scores.indexOf(best) });
  }
  return found.sort((a, b) => b.score - a.score || tie(a.record, b.record));
}

function indexOf(metric: Metric, records: Records): FlatIndex {
  const index = new FlatIndex(DIMENSIONS, metric);
  for (const [record, flat] of records) index.append(record, flat);
  return index;
}

function search(index: FlatIndex, query: Float32Array, limit: number, allowed: Bitset, rows: number, tie = byRow) {
  const { records, scores, parts } = searchFlat(index, query, limit, allowed, rows, tie);
  const hits = Array.from(records, (record, i) => ({ record, score: scores[i], part: parts?.[i] ?? -1 }));
  return { hits };
}

for (const metric of METRICS) {
  t.test(
    `${metric}: records are those of a naive scan by their best part, ties and all (NEARFIELD_SEED=${SEED})`,
    async (t) => {
      const random = seededRandom(SEED);
      for (let round = 0; round < 12; round++) {
        const rows = 1 + Math.floor(random() * 150);
        const records = randomRecords(random, metric, rows);
        const index = indexOf(metric, records);
        t.equal(
          index.size,
          [...records.values()].reduce((sum, flat) => sum + flat.length / DIMENSIONS, 0),
        );
        for (const share of [0, 0.1, 0.6, 1]) {
          const allowed = new Bitset(rows);
          for (let row = 0; row < rows; row++) if (random() < share) allowed.add(row);
          const queries = random() < 0.5 ? 1 : 1 + Math.floor(random() * 4);
          const query = Float32Array.from(Array.from({ length: queries }, () => exactVector(random, metric)).flat());
          for (const tie of [byRow, backwards]) {
            const expected = naive(metric, records, query, allowed, tie);
            for (const limit of [1, 3, 10, rows, 1000]) {
              const found = search(index, query, limit, allowed, rows, tie);
              t.strictSame(found.hits, expected.slice(0, limit), `round ${round}, share ${share}, limit ${limit}`);
            }
          }
        }
      }
    },
  );
}

t.test('the limit counts records where thousands of vectors of one are nearer than those of any other', async (t) => {
  const records: Records = new Map();
  for (let row = 0; row < 50; row++) records.set(row, Float32Array.of(0, 10 + row, 0));
  // Part p is at distance 1 + p / 4096 from the query, all nearer than the nearest other record.
  const crowd = Array.from({ length: 3000 }, (_, part) => [0, 1 + (2999 - part) / 4096, 0]).flat();
  records.set(50, Float32Array.from(crowd));
  records.set(51, Float32Array.of(0, 5, 0, 0, 4, 0));
  const index = indexOf('euclidean', records);
  const query = new Float32Array(3);
  for (const limit of [1, 2, 10, 52, 100]) {
    const { hits } = search(index, query, limit, full(52), 52);
    t.strictSame(hits, naive('euclidean', records, query, full(52)).slice(0, limit), `limit ${limit}`);
  }
  t.strictSame(search(index, query, 2, full(52), 52).hits, [
    { record: 50, score: -1, part: 2999 },
    { record: 51, score: -4, part: 1 },
  ]);
});

t.test('many crowds, one behind the other, are seen through', async (t) => {
  const records: Records = new Map();
  for (let row = 0; row < 40; row++) {
    records.set(row, Float32Array.from(Array.from({ length: 1 + (row % 5) * 60 }, () => [row, 0, 0]).flat()));
  }
  const index = indexOf('dot', records);
  const query = Float32Array.of(1, 0, 0);
  for (const limit of [1, 7, 39, 40]) {
    const { hits } = search(index, query, limit, full(40), 40);
    t.strictSame(hits, naive('dot', records, query, full(40)).slice(0, limit), `limit ${limit}`);
  }
});

t.test('of parts that tie the first is named', async (t) => {
  const index = new FlatIndex(3, 'cosine');
  index.append(0, Float32Array.of(1, 0, 0, 0, 1, 0, 0, 2, 0, 0, 1, 0));
  const { hits } = search(index, Float32Array.of(0, 3, 0), 1, full(1), 1);
  t.strictSame(hits, [{ record: 0, score: 1, part: 1 }]);
});

t.test('parts whose distances round to one score tie', async (t) => {
  const index = new FlatIndex(2, 'euclidean');
  // Squares of 1 + 2 ** -23 and 1, whose roots are both 1 in f32.
  index.append(0, Float32Array.of(1, 2 ** -11.5, 1, 0));
  const { scores, parts } = searchFlat(index, new Float32Array(2), 1, full(1), 1, byRow);
  t.strictSame([scores[0], parts?.[0]], [-1, 0]);
});

t.test('the parts of a record may lie in two blocks of memory', async (t) => {
  const dimensions = 65_536;
  const index = new FlatIndex(dimensions, 'dot');
  index.reserve(200);
  const bytes = index.bytes;
  // A block holds 63 vectors of this size.
  for (const [record, parts] of [60, 1, 100, 1].entries()) {
    const flat = new Float32Array(parts * dimensions);
    for (let part = 0; part < parts; part++) flat[part * dimensions + part] = record + 1;
    index.append(record, flat);
  }
  t.equal(index.bytes, bytes, 'appending takes no more than was reserved');
  const query = new Float32Array(dimensions);
  for (const part of [0, 1, 2, 61, 62, 99]) {
    query.fill(0)[part] = 1;
    const { records, scores, parts } = searchFlat(index, query, 1, full(4), 4, byRow);
    const last = part === 0;
    t.strictSame([[...records], [...scores], parts?.[0]], [[last ? 3 : 2], [last ? 4 : 3], last ? undefined : part]);
  }
});

t.test('without a record of several vectors there are no parts', async (t) => {
  const index = new FlatIndex(1, 'dot');
  index.append(0, Float32Array.of(1));
  index.append(2, Float32Array.of(3, 2));
  const only = new Bitset(3);
  only.add(0);
  t.equal(searchFlat(index, Float32Array.of(1), 5, only, 3, byRow).parts, undefined);
  t.strictSame(searchFlat(index, Float32Array.of(1), 5, full(3), 3, byRow).parts, Int32Array.of(0, -1));
});

t.test('a record that is out of order is refused', async (t) => {
  const index = new FlatIndex(1, 'dot');
  index.append(4, Float32Array.of(1));
  t.throws(() => index.append(4, Float32Array.of(1)), { code: 'CORRUPT' });
  t.throws(() => index.append(3, Float32Array.of(1)), { code: 'CORRUPT' });
  t.equal(index.size, 1);
});
