import type { Bitset } from '../bitset.js';

/**
 * Walks after which a set is worth the time that its bits of nodes take: .6 ms for 116 791 nodes and 2 ms for 340 000, of which a walk inside
 * the bitmap saves 30 to 70 µs.
 */
const USES = 16;

/** Sets of record rows as bits of nodes, of those that are used again and again. */
export class NodeBits {
  /** Where there are no bits yet, how often they were asked for. */
  readonly #known = new WeakMap<Bitset, Uint32Array | number>();

  constructor(readonly owners: Uint32Array) {}

  /** The bits of the nodes whose rows are in a set that never changes, whose words these are; undefined as long as it is used little. */
  of(set: Bitset, words: Uint32Array): Uint32Array | undefined {
    const known = this.#known.get(set) ?? 0;
    if (typeof known !== 'number') return known;
    const bits = known + 1 < USES ? undefined : this.#made(words);
    this.#known.set(set, bits ?? known + 1);
    return bits;
  }

  #made(words: Uint32Array): Uint32Array {
    const { owners } = this;
    const rows = words.length * 32;
    const bits = new Uint32Array((owners.length + 31) >>> 5);
    for (let node = 0; node < owners.length; node++) {
      const row = owners[node];
      if (row < rows) bits[node >>> 5] |= ((words[row >>> 5] >>> (row & 31)) & 1) << (node & 31);
    }
    return bits;
  }
}
