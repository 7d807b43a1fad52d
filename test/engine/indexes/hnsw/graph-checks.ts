import type { HnswGraph, HnswIndex } from '@nearfield/engine/internals/indexes/index';

/** Inserts all new nodes and seals the graph; returns how many there were. */
export function insertAll(index: HnswIndex): number {
  let total = 0;
  for (let taken = -1; taken !== 0; total += taken) taken = index.insert(0, 50);
  index.seal();
  return total;
}

/** Nodes that can be reached on level 0 from the entry. */
export function reachable({ links, m, entry }: HnswGraph): number {
  const seen = new Set([entry]);
  for (const node of seen) {
    const at = node * (2 * m + 1);
    for (const next of links.subarray(at + 1, at + 1 + links[at])) seen.add(next);
  }
  return seen.size;
}

/** Links that no graph should have. */
export function problems({ links, offsets, upper, m, count }: HnswGraph): string[] {
  const found: string[] = [];
  const check = (node: number, level: number, list: Uint32Array) => {
    if (new Set(list).size !== list.length) found.push(`node ${node} is linked twice to one on level ${level}`);
    if (list.includes(node)) found.push(`node ${node} is linked to itself on level ${level}`);
  };
  for (let node = 0; node < count; node++) {
    const at = node * (2 * m + 1);
    check(node, 0, links.subarray(at + 1, at + 1 + links[at]));
    for (let block = offsets[node]; block < offsets[node + 1]; block++) {
      const start = block * (m + 1);
      check(node, block - offsets[node] + 1, upper.subarray(start + 1, start + 1 + upper[start]));
    }
  }
  return found;
}
