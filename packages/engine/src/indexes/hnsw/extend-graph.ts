import type { HnswGraph } from './hnsw-graph.js';

/** The graph with empty blocks of links for new nodes behind its own. */
export function extendGraph(graph: HnswGraph, levels: Uint8Array): HnswGraph {
  const { m, entry, maxLevel } = graph;
  const count = graph.count + levels.length;
  const offsets = extendOffsets(graph.offsets, levels);
  const links = new Uint32Array(count * (2 * m + 1));
  const upper = new Uint32Array(offsets[count] * (m + 1));
  links.set(graph.links);
  upper.set(graph.upper);
  return { count, m, entry, maxLevel, links, offsets, upper };
}

/** A graph of nodes without links, of which the first is the entry. */
export function emptyGraph(m: number, levels: Uint8Array): HnswGraph {
  const none = new Uint32Array(0);
  const graph = { count: 0, m, entry: 0, maxLevel: levels[0], links: none, offsets: new Uint32Array(1), upper: none };
  return extendGraph(graph, levels);
}

function extendOffsets(known: Uint32Array, levels: Uint8Array): Uint32Array {
  const offsets = new Uint32Array(known.length + levels.length);
  offsets.set(known);
  for (let i = known.length; i < offsets.length; i++) offsets[i] = offsets[i - 1] + levels[i - known.length];
  return offsets;
}
