import type { HnswGraph } from './hnsw-graph.js';

/**
 * The nodes in the order in which a breadth-first walk over level 0 meets them from the entry on, those it never meets last.
 * A graph that is numbered so has the rows of neighbours closer together: 1.08 times the walks a second over int8 codes
 * of GloVe (340 000 x 100), 1.04 to 1.07 times by f32, and the orders of Cuthill and McKee (1969) or Gorder (Wei et al., 2016)
 * gave no more.
 */
export function breadthFirstOrder({ count, m, entry, links }: HnswGraph): Uint32Array {
  const order = new Uint32Array(count);
  const isMet = new Uint8Array(count);
  let met = 0;
  const meet = (node: number) => {
    if (isMet[node] === 1) return;
    isMet[node] = 1;
    order[met++] = node;
  };
  let visited = 0;
  const visit = () => {
    for (; visited < met; visited++) {
      const block = order[visited] * (2 * m + 1);
      for (let at = block + 1; at <= block + links[block]; at++) meet(links[at]);
    }
  };
  meet(entry);
  visit();
  for (let node = 0; node < count; node++) {
    meet(node);
    visit();
  }
  return order;
}

/** The same graph, of which node `i` is what was node `order[i]`. */
export function renumberGraph(graph: HnswGraph, order: Uint32Array): HnswGraph {
  const { count, m } = graph;
  const numberOf = new Uint32Array(count);
  for (let node = 0; node < count; node++) numberOf[order[node]] = node;
  const links = new Uint32Array(graph.links.length);
  const offsets = new Uint32Array(count + 1);
  const upper = new Uint32Array(graph.upper.length);
  const copyBlock = (from: Uint32Array, source: number, to: Uint32Array, target: number) => {
    to[target] = from[source];
    for (let i = 1; i <= from[source]; i++) to[target + i] = numberOf[from[source + i]];
  };
  for (let node = 0; node < count; node++) {
    const old = order[node];
    const levels = graph.offsets[old + 1] - graph.offsets[old];
    offsets[node + 1] = offsets[node] + levels;
    copyBlock(graph.links, old * (2 * m + 1), links, node * (2 * m + 1));
    for (let level = 0; level < levels; level++) {
      copyBlock(graph.upper, (graph.offsets[old] + level) * (m + 1), upper, (offsets[node] + level) * (m + 1));
    }
  }
  return { count, m, entry: numberOf[graph.entry], maxLevel: graph.maxLevel, links, offsets, upper };
}
