import t from 'tap';
import { METRICS, type Metric } from '@nearfield/engine/internals/distance/index';
import { HnswIndex, connectUnreached, drawLevels, type HnswGraph } from '@nearfield/engine/internals/indexes/index';
import { seededRandom, type Random } from '../../filter/random-filter.js';
import { buildHnswlib, clustered, exactNearest, fillVectors, graphOf, indexOver, recallOf } from './graphs.js';
import { insertAll, problems, reachable } from './graph-checks.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 11);
const DIMENSIONS = 12;

/** The vectors scaled by factors from .3 to 3, so that under dot all links lead to the long ones. */
function unequal(random: Random, rows: number): Float32Array[] {
  return clustered(random, rows, DIMENSIONS).map((vector) => {
    const factor = 3 ** (2 * random() - 1);
    return vector.map((value) => value * factor);
  });
}

/** A graph by hnswlib over the first half, in which the second half was inserted. */
function merged(vectors: Float32Array[], metric: Metric, m: number): HnswIndex {
  const half = vectors.slice(0, vectors.length / 2);
  const base = indexOver(half, graphOf(buildHnswlib(half, metric, m), m), metric);
  const index = HnswIndex.extended(base, drawLevels(vectors.length - half.length, m, SEED), { walkers: 1 });
  fillVectors(index, vectors.slice(half.length), half.length);
  insertAll(index);
  return index;
}

for (const metric of METRICS) {
  t.test(`every node is reached from the entry under ${metric} (NEARFIELD_SEED=${SEED})`, async (t) => {
    const random = seededRandom(SEED);
    let unreached = 0;
    for (const m of [2, 3, 4, 8]) {
      for (const rows of [40, 300, 1500]) {
        const vectors = unequal(random, rows);
        const built = indexOver(vectors, graphOf(buildHnswlib(vectors, metric, m), m), metric, 'int8');
        for (const [name, index] of Object.entries({ built, merged: merged(vectors, metric, m) })) {
          const lost = rows - reachable(index.graph);
          unreached += lost;
          t.equal(connectUnreached(index), lost, `${name}, m ${m}, ${rows} rows: ${lost} to connect`);
          t.equal(reachable(index.graph), rows);
          t.same(problems(index.graph), []);
          const { derived } = await HnswIndex.restore(index.header, (target) => target.set(index.derived), {
            walkers: 1,
            keepVectors: true,
          });
          t.equal(Buffer.compare(derived, index.derived), 0, 'the graph is sound');
          t.equal(connectUnreached(index), 0);
          t.equal(Buffer.compare(derived, index.derived), 0, 'nothing is left to do');
        }
      }
    }
    t.ok(unreached > 0, `${unreached} nodes were not reached`);
  });
}

t.test(`a filter finds short vectors by dot that walks did not reach (NEARFIELD_SEED=${SEED})`, async (t) => {
  const random = seededRandom(SEED);
  const vectors = unequal(random, 3000);
  const queries = clustered(random, 50, DIMENSIONS);
  const index = indexOver(vectors, graphOf(buildHnswlib(vectors, 'dot')), 'dot');
  const isAllowed = (node: number) => node % 20 === 3;
  const bitmap = new Uint32Array(Math.ceil(vectors.length / 32));
  for (const node of vectors.keys()) if (isAllowed(node)) bitmap[node >>> 5] |= 1 << (node & 31);
  const recall = (filter?: Uint32Array) => {
    let sum = 0;
    for (const query of queries) {
      const nearest = exactNearest(vectors, query, 'dot', 10, filter && isAllowed);
      sum += recallOf(index.search(query, { ef: 40, limit: 10, walker: 0, bitmap: filter }).nodes, nearest);
    }
    return sum / queries.length;
  };
  const before = { all: recall(), filtered: recall(bitmap) };
  t.ok(connectUnreached(index) > 300, 'many nodes are not reached');
  const after = { all: recall(), filtered: recall(bitmap) };
  t.ok(after.all > before.all - 0.01, `without a filter ${after.all} is as good as ${before.all}`);
  t.ok(after.filtered > before.filtered + 0.05, `under it ${after.filtered} is better than ${before.filtered}`);
});

/** A graph of one level from its links. */
function flatGraph(m: number, neighbours: readonly (readonly number[])[]): HnswGraph {
  const links = new Uint32Array(neighbours.length * (2 * m + 1));
  for (const [node, list] of neighbours.entries()) links.set([list.length, ...list], node * (2 * m + 1));
  const offsets = new Uint32Array(neighbours.length + 1);
  return { count: neighbours.length, m, entry: 0, maxLevel: 0, links, offsets, upper: new Uint32Array(0) };
}

const onALine = (count: number) => Array.from({ length: count }, (_, i) => Float32Array.of(i));

t.test('groups without a way to others are each linked to once, from the nearest node with room', async (t) => {
  const neighbours = [0, 5, 10].flatMap((first) =>
    [0, 1, 2, 3, 4].map((i) => [1, 2, 3].map((step) => first + ((i + step) % 5))),
  );
  const index = indexOver(onALine(15), flatGraph(2, neighbours), 'euclidean');
  t.equal(connectUnreached(index), 10);
  t.equal(reachable(index.graph), 15);
  t.same(problems(index.graph), []);
  const added = index.graph.links.filter((_, at) => at % 5 === 0).reduce((sum, count) => sum + count, 0) - 15 * 3;
  t.equal(added, 2);
  const { links } = index.graph;
  t.same([...links.subarray(4 * 5, 5 * 5)], [4, 0, 1, 2, 5], 'the end of the first group leads to the second');
});

t.test('where no node has room, a link that nothing depends on is replaced', async (t) => {
  // Two groups of five, all linked to all.
  const groups = [0, 5].map((first) => [0, 1, 2, 3, 4].map((i) => first + i));
  const neighbours = groups.flatMap((group) => group.map((node) => group.filter((other) => other !== node)));
  const index = indexOver(onALine(10), flatGraph(2, neighbours), 'euclidean');
  t.equal(connectUnreached(index), 5);
  t.equal(reachable(index.graph), 10);
  t.same(problems(index.graph), []);
});

t.test('where those nearby have nothing to spare, all nodes are looked at', async (t) => {
  // A tree of full nodes; only its leaves have room, and they are further from the other group than a search looks.
  const efConstruction = 4;
  const tree = Array.from({ length: 21 }, (_, node) =>
    [1, 2, 3, 4].map((child) => 4 * node + child).filter((child) => child < 21),
  );
  const vectors = Array.from({ length: 21 }, (_, node) => Float32Array.of(node < 5 ? node : 1000 + node));
  vectors.push(Float32Array.of(-1), Float32Array.of(-2));
  const options = { dimensions: 1, metric: 'euclidean', quantization: 'none', m: 2, walkers: 1 } as const;
  const index = HnswIndex.create({ ...options, efConstruction, count: 23 });
  fillVectors(index, vectors);
  index.adoptGraph(flatGraph(2, [...tree, [22], [21]]));
  t.equal(connectUnreached(index), 2);
  t.equal(reachable(index.graph), 23);
  t.same([...index.graph.links.subarray(5 * 5, 5 * 5 + 2)], [1, 21], 'the nearest of those with room');
});

t.test('it stops when it is cancelled', async (t) => {
  const vectors = unequal(seededRandom(SEED), 1000);
  const index = indexOver(vectors, graphOf(buildHnswlib(vectors, 'dot')), 'dot');
  const before = index.derived.slice();
  t.ok(connectUnreached(index, () => true) > 0);
  t.equal(Buffer.compare(index.derived, before), 0);
});
