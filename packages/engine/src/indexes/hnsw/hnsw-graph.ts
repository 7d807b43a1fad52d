/**
 * An HNSW graph as flat arrays. Level 0 has a block of 2m + 1 numbers a node, the levels above one of m + 1 for each node
 * and level: a count, the links, and unused room.
 */
export interface HnswGraph {
  readonly count: number;
  readonly m: number;
  /** The node where searches start, on the highest level. */
  readonly entry: number;
  readonly maxLevel: number;
  readonly links: Uint32Array;
  /** The number of each node's first block in `upper`, and the total: count + 1 numbers. */
  readonly offsets: Uint32Array;
  readonly upper: Uint32Array;
}
