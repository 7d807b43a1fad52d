import type { Bitset, FlatIndex } from '../indexes/index.js';
import type { KeyRun } from '../store/index.js';
import { NO_ROW, type KeyColumn } from './key-column.js';
import type { SegmentSize } from './merge-policy.js';

/** The vectors of one run of keys, not sealed yet: scanned exactly. */
export class FlatSegment {
  #first = 0;
  #last = 0;
  /** Keys in the run whose vectors are still in the file while their records are gone. */
  readonly orphans: number[] = [];

  constructor(public index: FlatIndex) {}

  /** The keys from the first to the last appended; undefined while there are none. */
  get run(): KeyRun | undefined {
    return this.#last === 0 ? undefined : [this.#first, this.#last];
  }

  /** Adds the vectors of a record, whose key is greater than all before. */
  append(row: number, key: number, vectors: Float32Array): void {
    this.index.append(row, vectors);
    this.#cover(key);
  }

  /** Notes a vector in the file whose record is gone. */
  addOrphan(key: number): void {
    this.orphans.push(key);
    this.#cover(key);
  }

  /** The rows have new numbers, `rows[old]` (NO_ROW: none); vectors of dead records go, and are orphans from now on. */
  renumber(rows: Uint32Array, old: KeyColumn): void {
    for (const row of new Set(this.index.owners())) if (rows[row] === NO_ROW) this.orphans.push(old.at(row));
    this.index = this.index.renumbered(rows, NO_ROW);
  }

  /** The first orphans are not in the file any more. */
  forgetOrphans(count: number): void {
    this.orphans.splice(0, count);
  }

  sizes(alive: Bitset): SegmentSize {
    let live = 0;
    for (const owner of this.index.owners()) if (alive.has(owner)) live++;
    return { live, dead: this.index.size - live };
  }

  #cover(key: number): void {
    if (this.#last === 0) this.#first = key;
    this.#last = key;
  }
}
