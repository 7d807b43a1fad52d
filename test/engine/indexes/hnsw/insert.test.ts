import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { METRICS } from '@nearfield/engine/internals/distance/index';
import { HnswIndex, drawLevels } from '@nearfield/engine/internals/indexes/index';
import { seededRandom } from '../../filter/random-filter.js';
import { insertAll, problems, reachable } from './graph-checks.js';
import {
  bestOf,
  buildHnswlib,
  clustered,
  EF_CONSTRUCTION,
  exactNearest,
  fillVectors,
  graphOf,
  indexOver,
  M,
  recallOf,
} from './graphs.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 7);
const ROWS = 1600;
const QUERIES = 60;
const K = 10;
const DIMENSIONS = 24;

function fixture() {
  const all = clustered(seededRandom(SEED), ROWS + QUERIES, DIMENSIONS);
  return { vectors: all.slice(0, ROWS), queries: all.slice(ROWS) };
}

function recallAt(ef: number, index: HnswIndex, queries: Float32Array[], nearest: number[][]) {
  let recall = 0;
  for (const [i, query] of queries.entries()) {
    recall += recallOf(index.search(query, { ef, walker: 0 }).nodes.subarray(0, K), nearest[i]);
  }
  return recall / queries.length;
}

const OPTIONS = { dimensions: DIMENSIONS, m: M, efConstruction: EF_CONSTRUCTION, quantization: 'none' } as const;

for (const metric of METRICS) {
  t.test(`a graph inserted under ${metric} is as good as hnswlib's (NEARFIELD_SEED=${SEED})`, async (t) => {
    const { vectors, queries } = fixture();
    const nearest = queries.map((query) => exactNearest(vectors, query, metric, K));
    const reference = indexOver(vectors, graphOf(buildHnswlib(vectors, metric)), metric);
    const inserted = HnswIndex.started({ ...OPTIONS, metric, walkers: 1 }, drawLevels(ROWS, M, SEED));
    fillVectors(inserted, vectors);
    t.equal(insertAll(inserted), ROWS - 1);

    const half = vectors.slice(0, ROWS / 2);
    const base = indexOver(half, graphOf(buildHnswlib(half, metric)), metric);
    const before = base.derived.slice();
    const extended = HnswIndex.extended(base, drawLevels(ROWS / 2, M, SEED), { walkers: 1 });
    fillVectors(extended, vectors.slice(ROWS / 2), ROWS / 2);
    t.equal(insertAll(extended), ROWS / 2);
    t.equal(Buffer.compare(base.derived, before), 0, 'the base stays as it is');

    for (const [name, index] of Object.entries({ inserted, extended })) {
      t.same(problems(index.graph), [], name);
      if (metric !== 'dot') t.equal(reachable(index.graph), ROWS, `${name}: every node is reachable`);
      for (const ef of [10, 40, 150]) {
        const [ours, theirs] = [index, reference].map((each) => recallAt(ef, each, queries, nearest));
        t.ok(ours >= theirs - 0.015, `${name}, ef ${ef}: ${ours} against ${theirs}`);
      }
    }
  });
}

t.test(`two threads insert into one graph at the same time (NEARFIELD_SEED=${SEED})`, async (t) => {
  const { vectors, queries } = fixture();
  for (let round = 0; round < 2; round++) {
    const index = HnswIndex.started(
      { ...OPTIONS, metric: 'cosine', quantization: 'int8', walkers: 2 },
      drawLevels(ROWS, M, SEED + round),
    );
    fillVectors(index, vectors);
    const threads = [0, 1].map((walker) => {
      const workerData = { layout: index.layout, walker };
      return new Worker(new URL('inserting-thread.mjs', import.meta.url), { workerData });
    });
    const totals = await Promise.all(threads.map(async (thread) => Number((await once(thread, 'message'))[0])));
    await Promise.all(threads.map((thread) => thread.terminate()));
    t.equal(totals[0] + totals[1], ROWS - 1, 'each node is inserted once');
    index.seal();
    index.quantize();
    t.same(problems(index.graph), []);
    t.equal(reachable(index.graph), ROWS);
    const restored = await HnswIndex.restore(index.header, (target) => target.set(index.derived), { walkers: 1 });
    t.equal(restored.header.entry, index.header.entry);
    let recall = 0;
    for (const query of queries) {
      const { nodes } = index.search(query, { ef: 60, walker: 0 });
      recall += recallOf(bestOf(nodes, index.rescore(query, nodes, 0), K), exactNearest(vectors, query, 'cosine', K));
    }
    t.ok(recall / QUERIES >= 0.97, `recall ${recall / QUERIES}`);
  }
});

t.test('a small graph grows from one node', async (t) => {
  const vectors = clustered(seededRandom(SEED), 40, 5);
  const options = { dimensions: 5, metric: 'euclidean', quantization: 'none', m: 16, efConstruction: 200 } as const;
  let index = HnswIndex.started({ ...options, walkers: 1 }, new Uint8Array([2]));
  fillVectors(index, vectors.slice(0, 1));
  t.equal(insertAll(index), 0);
  for (let count = 1; count < 40; count += 3) {
    index = HnswIndex.extended(index, new Uint8Array([0, 4, 1]), { walkers: 1 });
    fillVectors(index, vectors.slice(count, count + 3), count);
    t.equal(insertAll(index), 3);
    t.same(problems(index.graph), []);
    t.equal(index.header.maxLevel, 4);
    const { nodes } = index.search(vectors[count], { ef: 100, walker: 0 });
    t.same(Array.from(nodes), exactNearest(vectors.slice(0, count + 3), vectors[count], 'euclidean', 40));
  }
});

t.test('equal vectors can be inserted and found', async (t) => {
  const index = HnswIndex.started({ ...OPTIONS, metric: 'cosine', walkers: 1 }, drawLevels(300, M, SEED));
  fillVectors(
    index,
    Array.from({ length: 300 }, () => new Float32Array(DIMENSIONS).fill(0.5)),
  );
  insertAll(index);
  t.same(problems(index.graph), []);
  t.equal(reachable(index.graph), 300);
  t.equal(index.search(new Float32Array(DIMENSIONS).fill(1), { ef: 20, walker: 0 }).nodes.length, 20);
  t.equal(index.search(new Float32Array(DIMENSIONS).fill(1), { ef: 300, walker: 0 }).nodes.length, 300);
});

t.test('a graph is sealed once all nodes are in it, and not filled after', async (t) => {
  const index = HnswIndex.started({ ...OPTIONS, metric: 'cosine', walkers: 1 }, drawLevels(5, M, SEED));
  fillVectors(index, clustered(seededRandom(SEED), 5, DIMENSIONS));
  index.insert(0, 2);
  t.throws(() => index.seal(), /2 nodes have not been inserted/);
  t.throws(() => index.search(new Float32Array(DIMENSIONS), { ef: 1, walker: 0 }), /no finished graph/);
  index.insert(0, 100);
  index.seal();
  t.throws(() => index.insert(0, 1), /sealed/);
});

t.test('levels are drawn by the seed, one node of m on each next level', async (t) => {
  const levels = drawLevels(100_000, 16, 3);
  t.equal(Buffer.compare(drawLevels(100_000, 16, 3), levels), 0);
  t.not(Buffer.compare(drawLevels(100_000, 16, 4), levels), 0);
  const above = (level: number) => levels.filter((each) => each >= level).length;
  t.ok(Math.abs(above(1) - 100_000 / 16) < 400, `${above(1)}`);
  t.ok(Math.abs(above(2) - 100_000 / 256) < 120, `${above(2)}`);
  t.ok(Math.max(...levels) < 10);
});
