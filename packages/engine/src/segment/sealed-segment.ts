import type { Bitset, HnswIndex, MeasuredEffort } from '../indexes/index.js';
import type { KeyRun } from '../store/index.js';
import { NO_ROW, type KeyColumn } from './key-column.js';
import type { SegmentSize } from './merge-policy.js';

let lastNumber = 0;

/** An immutable set of vectors with a graph. Which record row owns a vector is looked up anew when rows change. */
export class SealedSegment {
  /** Tells segments of this process apart, also to worker threads. */
  readonly number = ++lastNumber;
  /** Records that own the vectors, dead ones included. */
  readonly records: number;
  /** The first vector of each run, and the end. */
  readonly #starts: Uint32Array;
  #owners: Uint32Array = new Uint32Array();
  #sharedKeys: Float64Array | undefined;
  /** Where the owners were before, in the index's memory: a search on another thread may still look there. */
  #retired: number | undefined;

  /**
   * @param id the number in the file; undefined in a database that lives in memory
   * @param keys the key of each vector; those of one record are neighbours, and keys ascend within a run
   * @param measured what recall, for how many distances, an effort gives
   */
  constructor(
    readonly id: number | undefined,
    readonly index: HnswIndex,
    readonly keys: Float64Array,
    readonly runs: readonly KeyRun[],
    readonly measured: MeasuredEffort,
  ) {
    this.#starts = new Uint32Array(runs.length + 1).fill(keys.length);
    let [records, run] = [0, 0];
    for (let node = 0; node < keys.length; node++) {
      if (node > 0 && keys[node] === keys[node - 1]) continue;
      records++;
      while (run < runs.length && !(keys[node] >= runs[run][0] && keys[node] <= runs[run][1]))
        this.#starts[++run] = node;
    }
    this.#starts[0] = 0;
    this.records = records;
  }

  /** Vectors held, those of dead records included. */
  get size(): number {
    return this.keys.length;
  }

  get bytes(): number {
    return this.index.bytes + this.keys.byteLength + this.#owners.byteLength;
  }

  /** The keys in memory that other threads may read: copied once, when first needed. */
  get sharedKeys(): Float64Array {
    if (this.#sharedKeys === undefined) {
      this.#sharedKeys = new Float64Array(new SharedArrayBuffer(this.keys.byteLength));
      this.#sharedKeys.set(this.keys);
    }
    return this.#sharedKeys;
  }

  /** Whether the full-precision vectors are in memory. */
  get keepsVectors(): boolean {
    return this.index.layout.vectors !== 0;
  }

  /** The record row of each vector, or NO_ROW. */
  get owners(): Uint32Array {
    return this.#owners;
  }

  /** Looks up the rows of the vectors' records. */
  locate(keys: KeyColumn): void {
    this.#owners = keys.rowsOf(this.keys);
    const { owners } = this.index.layout;
    this.index.setOwners(this.#owners);
    if (this.#retired !== undefined) this.index.releaseOwners(this.#retired);
    this.#retired = owners;
  }

  /** The vectors of a record, by its key: the first of them and how many there are; undefined when it has none here. */
  nodesOf(key: number): { readonly first: number; readonly count: number } | undefined {
    const run = this.runs.findIndex(([first, last]) => key >= first && key <= last);
    if (run < 0) return undefined;
    const end = this.#starts[run + 1];
    const first = this.#search(key, this.#starts[run], end);
    let count = 0;
    while (first + count < end && this.keys[first + count] === key) count++;
    return count === 0 ? undefined : { first, count };
  }

  /** The rows that own vectors here, with how many. */
  *rows(): Generator<[row: number, parts: number], void, undefined> {
    for (let node = 0; node < this.#owners.length; ) {
      let parts = 1;
      while (node + parts < this.#owners.length && this.keys[node + parts] === this.keys[node]) parts++;
      if (this.#owners[node] !== NO_ROW) yield [this.#owners[node], parts];
      node += parts;
    }
  }

  sizes(alive: Bitset): SegmentSize {
    let live = 0;
    for (const owner of this.#owners) if (owner !== NO_ROW && alive.has(owner)) live++;
    return { live, dead: this.size - live };
  }

  #search(key: number, start: number, end: number): number {
    let [low, high] = [start, end];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.keys[middle] < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
