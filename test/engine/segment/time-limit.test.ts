import SQLite from 'better-sqlite3';
import t, { type Test } from 'tap';
import { openWith } from '@nearfield/engine/internals/database';
import {
  Bitset,
  FlatIndex,
  InvertedIndex,
  scanGraph,
  scanStoredNodes,
  walkGraph,
  type SegmentRequest,
} from '@nearfield/engine/internals/indexes/index';
import { POLICY_LIMITS, type DenseSearch } from '@nearfield/engine/internals/segment/index';
import { StoredVectors } from '@nearfield/engine/internals/segment/stored-vectors';
import { seededRandom } from '../filter/random-filter.js';
import { buildHnswlib, exactScore, graphOf, indexOver } from '../indexes/hnsw/graphs.js';
import { slowClock } from '../../slow-clock.js';
import { WordEncoder } from '../small-encoders.js';

const random = seededRandom(41);
/** Few vectors of so many dimensions are more than is read between two looks at the clock. */
const WIDE = 16_384;

const vectorsOf = (count: number, dimensions: number) =>
  Array.from({ length: count }, () => Float32Array.from({ length: dimensions }, () => random() - 0.5));

/** A clock that says at the `looks`-th look that the time is up. */
function lateAt(looks: number): { isLate: () => boolean; readonly looked: () => number } {
  let looked = 0;
  return { isLate: () => ++looked >= looks, looked: () => looked };
}

function everyone(count: number): Bitset {
  const all = new Bitset(count);
  for (let row = 0; row < count; row++) all.add(row);
  return all;
}

function requestOf(query: Float32Array, count: number, more: Partial<SegmentRequest> = {}): SegmentRequest {
  return { query, wanted: 5, allowed: everyone(count), rows: count, scope: 'filtered', ...more };
}

/** The rows below `end` that are nearest to a query, by the definition. */
function nearestBelow(vectors: readonly Float32Array[], query: Float32Array, first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, i) => first + i)
    .toSorted((a, b) => exactScore('euclidean', query, vectors[b]) - exactScore('euclidean', query, vectors[a]))
    .slice(0, 5);
}

const sorted = (rows: Iterable<number>) => [...rows].sort((a, b) => a - b);

t.test('a scan of an unsealed segment ends behind a block, with the best of what it passed', async (t) => {
  const vectors = vectorsOf(600, WIDE);
  const index = new FlatIndex(WIDE, 'euclidean');
  for (const [row, vector] of vectors.entries()) index.append(row, vector);
  const { rowsPerBlock, blocks } = index.memory;
  t.equal(blocks.length, 3);
  const [query] = vectorsOf(1, WIDE);
  const { isLate } = lateAt(2);
  const hand = index.collect(query, { wanted: 5, allowed: everyone(600) }, 600, isLate);
  t.same(sorted(hand.records), sorted(nearestBelow(vectors, query, 0, 2 * rowsPerBlock)));
  t.equal(hand.done, 2 / 3);
  const several = new Float32Array(2 * WIDE);
  several.set(query);
  t.equal(index.collect(several, { wanted: 5, allowed: everyone(600) }, 600, lateAt(3).isLate).done, 0.5);
  t.equal(index.collect(query, { wanted: 5, allowed: everyone(600) }, 600, lateAt(3).isLate).done, 1);
});

t.test('a scan of a sealed segment ends behind a piece, in order or by a list', async (t) => {
  const count = 300;
  const vectors = vectorsOf(count, WIDE);
  const index = indexOver(vectors, graphOf(buildHnswlib(vectors, 'euclidean', 2), 2), 'euclidean');
  const access = { index, owners: index.owners, records: count, walker: 0, scorer: undefined };
  const [query] = vectorsOf(1, WIDE);
  const piece = 128;
  for (const listed of [false, true]) {
    const whole = scanGraph(access, requestOf(query, count, lateAt(3)), listed);
    t.match(
      { done: whole.done, records: sorted(whole.records) },
      { done: 1, records: sorted(nearestBelow(vectors, query, 0, count)) },
    );
    const cut = scanGraph(access, requestOf(query, count, lateAt(1)), listed);
    t.equal(cut.done, piece / count);
    const [first, end] = listed ? [count - piece, count] : [0, piece];
    t.same(sorted(cut.records), sorted(nearestBelow(vectors, query, first, end)), `listed: ${listed}`);
  }
  const both = new Float32Array(2 * WIDE).fill(0.1);
  t.equal(scanGraph(access, requestOf(both, count, lateAt(3))).done, 0.5, 'several vectors');
});

t.test('a walk ends between two pieces, and so does one by several vectors', async (t) => {
  const count = 6000;
  const vectors = vectorsOf(count, 4);
  const index = indexOver(vectors, graphOf(buildHnswlib(vectors, 'euclidean')), 'euclidean');
  const access = { index, owners: index.owners, records: count, walker: 0, scorer: undefined };
  const [query] = vectorsOf(1, 4);
  for (const inside of [false, true]) {
    const options = { effort: count, inside };
    const request = requestOf(query, count, { wanted: 50 });
    const whole = walkGraph(access, request, options);
    const inPieces = walkGraph(access, { ...request, ...lateAt(Infinity) }, options);
    t.same([...inPieces.records], [...whole.records]);
    t.same([inPieces.computed, inPieces.hops, inPieces.cut], [whole.computed, whole.hops, false]);
    const cut = walkGraph(access, { ...request, ...lateAt(1) }, options);
    t.match(cut, { cut: true, settled: false });
    t.ok(cut.records.length > 0 && cut.computed < whole.computed, `${cut.computed} of ${whole.computed}`);
  }
  const several = new Float32Array(8).fill(0.1);
  const first = walkGraph(access, requestOf(several, count, lateAt(1)), { effort: 20 });
  t.match(first, { cut: true });
  t.ok(first.records.length > 0);
});

t.test('scores are read from the file as long as there is time', async (t) => {
  const count = 3000;
  const vectors = vectorsOf(count, 4);
  const index = indexOver(vectors, graphOf(buildHnswlib(vectors, 'euclidean')), 'euclidean');
  const scorer = (query: Float32Array, nodes: Uint32Array) =>
    Float32Array.from(nodes, (node) => exactScore('euclidean', query, vectors[node]));
  const access = { index, owners: index.owners, records: count, walker: 0, scorer };
  const [query] = vectorsOf(1, 4);
  const cut = scanStoredNodes(access, requestOf(query, count, lateAt(2)));
  t.equal(cut.done, 2048 / count);
  t.same(sorted(cut.records), sorted(Array.from({ length: 2048 }, (_, row) => row)));
  const walked = walkGraph(access, requestOf(query, count, { wanted: 2500, ...lateAt(1) }), { effort: 2600 });
  t.match(walked, { cut: true });
  t.ok(walked.scores.every((score) => score > -Infinity));
});

t.test('a scan of the file ends behind a block', async (t) => {
  const sql = new SQLite(':memory:');
  t.teardown(() => sql.close());
  sql.exec('CREATE TABLE nf_dense_1 (key INTEGER PRIMARY KEY, vector BLOB NOT NULL) STRICT');
  const count = 300;
  const insert = sql.prepare('INSERT INTO nf_dense_1 VALUES (?, ?)');
  const vectors = vectorsOf(count, WIDE);
  for (const [row, vector] of vectors.entries()) insert.run(row + 1, new Uint8Array(vector.buffer));
  const space = { id: 1, name: 'v', kind: 'dense', dimensions: WIDE, metric: 'euclidean', encoder: undefined } as const;
  const owners = Uint32Array.from({ length: count }, (_, row) => row);
  const keys = Float64Array.from(owners, (row) => row + 1);
  const stored = new StoredVectors(sql, space, [[1, count]], keys, () => owners);
  const [query] = vectorsOf(1, WIDE);
  const cut = stored.scan(requestOf(query, count, lateAt(1)));
  t.ok(cut.done > 0.2 && cut.done < 0.6, `${cut.done}`);
  const end = Math.round(cut.done * count);
  t.ok(nearestBelow(vectors, query, 0, end + 1).every((row) => cut.records.includes(row)));
  t.equal(stored.scan(requestOf(query, count, lateAt(Infinity))).done, 1);
});

t.test('postings are scored as long as there is time, and the next query starts anew', async (t) => {
  const index = new InvertedIndex({ k1: 1.2, b: 0.75 });
  const ones = Float32Array.of(1, 1);
  for (let row = 0; row < 100; row++) index.append(row, { terms: Uint32Array.of(1 + (row % 2), 3), weights: ones });
  const query = { terms: Uint32Array.of(1, 2, 3), weights: Float32Array.of(1, 1, 1) };
  const search = (bounds: { isLate?: () => boolean }) =>
    index.search(query, 100, everyone(100), 100, (a, b) => a - b, bounds);
  const whole = search({});
  t.match(whole, { cut: false, reachable: 100 });
  const cut = search(lateAt(1));
  t.match(cut, { cut: true, reachable: 50 });
  t.ok(cut.records.every((row) => row % 2 === 0));
  t.same(search({}).scores, whole.scores);
});

const SCHEMA = {
  fields: { n: 'integer', title: 'text', m: { type: 'integer', index: false } },
  vectors: {
    v: { dimensions: 4, metric: 'euclidean' },
    words: { from: ['title'], encoder: new WordEncoder() },
  },
} as const;

/** Records in a sealed segment and an unsealed one, each with two vectors. */
async function rowsOf(t: Test) {
  const db = await openWith(':memory:', { threads: 2 }, { ...POLICY_LIMITS, minVectors: 16 });
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  const records = Array.from({ length: 3000 }, (_, id) => ({
    id,
    n: id % 3,
    m: id,
    title: 'word',
    vectors: { v: vectorsOf(2, 4) },
  }));
  await rows.upsert(records.slice(0, 2500));
  await db.optimize();
  await rows.upsert(records.slice(2500));
  return { db, rows, searchers: db.context.searchers };
}

t.test('wherever the time is up, a search fails with TIMEOUT or says what it lacks', async (t) => {
  const { rows, searchers } = await rowsOf(t);
  const value = Float32Array.of(0.1, 0.2, -0.1, 0);
  const near = { vector: 'v', value } as const;
  const time = { timeoutMs: 3_600_000, limit: 1000, select: [] } as const;
  const truth = await rows.search({ near, exact: true, limit: 1000, select: [] });
  for (const query of [
    { near, strategy: 'walk' },
    { near, exact: true },
    { near, exact: true, strategy: 'scan-matching', filter: { n: { $gte: 0 } } },
    { near, strategy: 'walk-inside', filter: { n: { $gte: 0 } } },
    { near: [near, { vector: 'words', text: 'word' }], exact: true },
    { near: { vector: 'words', text: 'word' } },
  ] as const) {
    let looks = 0;
    searchers.now = () => (looks++, 0);
    await rows.search({ ...query, ...time });
    const total = looks;
    let partial = 0;
    for (let up = 1; up <= total; up++) {
      const start = () => {
        let looked = 0;
        searchers.now = () => (++looked >= up ? Infinity : 0);
      };
      start();
      await t.rejects(rows.search({ ...query, ...time }), { code: 'TIMEOUT' }, `${JSON.stringify(query)}, look ${up}`);
      start();
      const { hits, info } = await rows.search({ ...query, ...time, partial: true });
      t.match(info, { partial: true, exact: false });
      t.ok(info.recall >= 0 && info.recall <= 1);
      partial++;
      if (query.near !== near) continue;
      const best = new Set(truth.hits.map(({ id }) => id));
      const recall = hits.filter(({ id }) => best.has(id)).length / 1000;
      t.ok(recall >= info.recall - 0.05, `${JSON.stringify(query)}, look ${up} of ${total}: ${recall}, ${info.recall}`);
    }
    if (query.near === near) t.ok(partial > 2, `${partial}`);
  }
  searchers.now = Date.now;
  t.match(await rows.search({ near, ...time, partial: true }), { info: { partial: undefined } });
});

t.test('analyze has one time limit for both of its searches', async (t) => {
  const { rows, searchers } = await rowsOf(t);
  const query = { near: { vector: 'v', value: Float32Array.of(0, 0, 0, 1) }, strategy: 'walk', partial: true } as const;
  let looks = 0;
  searchers.now = () => (looks++, 0);
  await rows.search({ ...query, timeoutMs: 3_600_000 });
  const ofFirst = looks;
  looks = 0;
  searchers.now = () => (++looks > ofFirst ? Infinity : 0);
  await t.rejects(rows.analyze({ ...query, timeoutMs: 3_600_000 }), { code: 'TIMEOUT' });
  t.ok(looks > ofFirst);
  searchers.now = Date.now;
  t.match(await rows.analyze({ ...query, timeoutMs: 3_600_000 }), { recall: Number });
});

t.test('a filter that reads records ends when the time is up', async (t) => {
  const { rows } = await rowsOf(t);
  const near = { vector: 'v', value: Float32Array.of(0, 0, 0, 1) } as const;
  const controller = new AbortController();
  slowClock(t);
  // It gives way behind each of the 3 000 records that it reads.
  const search = rows.search({ near, filter: { m: { $gte: 0 } }, signal: controller.signal });
  setImmediate(() => controller.abort());
  await t.rejects(search, { code: 'ABORTED' });
});

/** What a query asks of another thread. */
async function asked(t: Test, query: object) {
  const { rows, searchers } = await rowsOf(t);
  const here = searchers.here.bind(searchers);
  let seen: DenseSearch | undefined;
  searchers.here = (search) => here((seen = search));
  await rows.search({ near: { vector: 'v', value: Float32Array.of(0, 0, 0, 1) }, select: [], ...query });
  searchers.here = here;
  return { searchers, search: seen! };
}

t.test('another thread ends when the time is up, too', async (t) => {
  const { searchers, search } = await asked(t, { strategy: 'walk' });
  const [whole, late] = await searchers.elsewhere([search, { ...search, deadline: 1 }]);
  t.ok(whole.actual.every(({ skipped, done }) => !skipped && done === 1));
  t.match(late.actual[0], { skipped: true, done: 0, computed: 0 });
});

t.test('a search on another thread that is aborted rejects at once, and the thread gives up', async (t) => {
  const { searchers, search } = await asked(t, { exact: true });
  const { pool } = searchers;
  const run = pool.run.bind(pool);
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const flags: number[] = [];
  pool.run = async (task) => {
    await answered;
    flags.push(task.abandoned![task.walker]);
    return run(task);
  };
  const controller = new AbortController();
  const { signal } = controller;
  const work = searchers.elsewhere([{ ...search, signal }]);
  controller.abort();
  // Before the thread has answered.
  await t.rejects(work, { code: 'ABORTED' });
  answer();
  const [hand] = await searchers.elsewhere([{ ...search, signal: new AbortController().signal }]);
  t.equal(hand.records.length > 0, true);
  t.same(flags, [1, 0]);
});
