import type { Bitset, HnswIndex } from '../indexes/index.js';
import type { KeyRun } from '../store/index.js';
import type { EffortCurve } from '../indexes/index.js';
import { NO_ROW, type KeyColumn } from './key-column.js';
import type { SegmentSize } from './merge-policy.js';

/** An immutable set of vectors with a graph. Which record row owns a vector is looked up anew when rows change. */
export class SealedSegment {
  #owners = new Uint32Array();

  constructor(
    /** Its number in the file; undefined in a database that lives in memory. */
    readonly id: number | undefined,
    readonly index: HnswIndex,
    /** The key of each vector; those of one record are neighbours. */
    readonly keys: Float64Array,
    readonly runs: readonly KeyRun[],
    /** What recall and how many distance computations an effort gives. */
    readonly curve: EffortCurve,
  ) {}

  /** Vectors held, those of dead records included. */
  get size(): number {
    return this.keys.length;
  }

  get bytes(): number {
    return this.index.bytes + this.keys.byteLength + this.#owners.byteLength;
  }

  /** The record row of each vector, or NO_ROW. */
  get owners(): Uint32Array {
    return this.#owners;
  }

  /** Looks up the rows of the vectors' records. */
  locate(keys: KeyColumn): void {
    this.#owners = keys.rowsOf(this.keys);
    this.index.setOwners(this.#owners);
  }

  /** The rows that own vectors here, with how many. */
  *rows(): Generator<[row: number, parts: number], void, undefined> {
    for (let node = 0; node < this.#owners.length; ) {
      const row = this.#owners[node];
      let parts = 1;
      while (node + parts < this.#owners.length && this.keys[node + parts] === this.keys[node]) parts++;
      if (row !== NO_ROW) yield [row, parts];
      node += parts;
    }
  }

  sizes(alive: Bitset): SegmentSize {
    let live = 0;
    for (const owner of this.#owners) if (owner !== NO_ROW && alive.has(owner)) live++;
    return { live, dead: this.size - live };
  }
}
