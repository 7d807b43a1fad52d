import type { HnswLayout, SharedFlatIndex } from '../indexes/index.js';
import type { DenseSpace, KeyRun } from '../store/index.js';
import type { PackedRequests } from './search-message.js';

/** A sealed segment, for another thread. */
export interface SharedGraph {
  /** The number of the SealedSegment. */
  readonly number: number;
  readonly layout: HnswLayout;
  readonly records: number;
  /** Where the full-precision vectors are, when they are not in memory. */
  readonly stored: { readonly runs: readonly KeyRun[]; readonly keys: Float64Array } | undefined;
}

/** Searches of one space at one moment: plain data for a thread. */
export interface SearchTask {
  readonly space: DenseSpace;
  readonly file: string | undefined;
  /** The scratch space of the thread in every segment; 0 is the main thread's. */
  readonly walker: number;
  readonly graphs: readonly SharedGraph[];
  readonly flats: readonly SharedFlatIndex[];
  /** Sets of rows, as words, the living rows first; undefined where all rows live, and all may be found. */
  readonly bitmaps: readonly Uint32Array[] | undefined;
  readonly rows: number;
  /** Given where nobody may wait for the answer any more: a number for each walker, 1 when that is so. */
  readonly abandoned: Int32Array | undefined;
  readonly requests: PackedRequests;
}
