import t from 'tap';
import { breadthFirstOrder, renumberGraph } from '@nearfield/engine/internals/indexes/index';
import { seededRandom } from '../../filter/random-filter.js';
import { buildHnswlib, clustered, graphOf, indexOver, M } from './graphs.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 7);
const ROWS = 800;

const random = seededRandom(SEED);
const vectors = clustered(random, ROWS, 12);
const graph = graphOf(buildHnswlib(vectors, 'euclidean'));

t.test('a renumbered graph gives the same results under its own numbers', async (t) => {
  const order = breadthFirstOrder(graph);
  t.same(
    Array.from(order).sort((a, b) => a - b),
    Array.from(vectors.keys()),
    'each node once',
  );
  t.equal(order[0], graph.entry);
  const plain = indexOver(vectors, graph, 'euclidean');
  const renumbered = indexOver(
    Array.from(order, (node) => vectors[node]),
    renumberGraph(graph, order),
    'euclidean',
  );
  for (const query of clustered(random, 30, 12)) {
    const expected = plain.search(query, { ef: 40, walker: 0 });
    const found = renumbered.search(query, { ef: 40, walker: 0 });
    t.same(found.scores, expected.scores);
    t.same(
      Array.from(found.nodes, (node) => order[node]),
      Array.from(expected.nodes),
    );
  }
});

t.test('nodes that cannot be reached come last', async (t) => {
  const links = graph.links.slice();
  const cut = (graph.entry + 1) % ROWS;
  for (let node = 0; node < ROWS; node++) {
    const block = node * (2 * M + 1);
    const kept = links.slice(block + 1, block + 1 + links[block]).filter((other) => other !== cut);
    links.set([kept.length, ...kept], block);
  }
  const order = breadthFirstOrder({ ...graph, links });
  t.equal(order[ROWS - 1], cut);
  t.equal(new Set(order).size, ROWS);
});
