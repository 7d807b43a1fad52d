import type { Bitset } from '../bitset.js';

/** So many nodes of a set are kept: to find them takes as long as to score them. */
const KEPT = 4096;

/** Finds the nodes of record rows: the owners of nodes, turned round. Those of one record are neighbours. */
export class NodeLookup {
  /** The first node of each row and one; 0 where there is none. */
  readonly #first: Uint32Array;
  readonly #kept = new WeakMap<Bitset, Uint32Array>();

  /** @param nobody the owner of a node that no row has */
  constructor(
    readonly owners: Uint32Array,
    nobody: number,
  ) {
    let rows = 0;
    for (const owner of owners) if (owner !== nobody && owner >= rows) rows = owner + 1;
    this.#first = new Uint32Array(rows);
    for (let node = owners.length - 1; node >= 0; node--) {
      if (owners[node] !== nobody) this.#first[owners[node]] = node + 1;
    }
  }

  /** As nodesOf, for a set that never changes, whose words these are: what was found once is kept as long as the set is. */
  nodesOfLasting(set: Bitset, words: Uint32Array, nodes: Uint32Array): Uint32Array {
    let found = this.#kept.get(set);
    if (found !== undefined) return found;
    found = nodes.subarray(0, this.nodesOf(words, nodes));
    if (found.length <= KEPT) this.#kept.set(set, (found = found.slice()));
    return found;
  }

  /** Writes the nodes of the rows whose bits are set in `words` into `nodes`, which has room for all, and counts them. */
  nodesOf(words: Uint32Array, nodes: Uint32Array): number {
    const { owners } = this;
    const first = this.#first;
    const end = Math.min(words.length, (first.length + 31) >>> 5);
    let count = 0;
    for (let i = 0; i < end; i++) {
      for (let word = words[i]; word !== 0; word &= word - 1) {
        const row = i * 32 + 31 - Math.clz32(word & -word);
        if (row >= first.length || first[row] === 0) continue;
        for (let node = first[row] - 1; owners[node] === row; node++) nodes[count++] = node;
      }
    }
    return count;
  }
}
