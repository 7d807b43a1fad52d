import type { RecordId } from '../schema/index.js';
import type { StoredSpace } from './catalog.js';
import type { PackedBytes } from './packed-bytes.js';

/** What happens when a record of the same id exists: it is replaced, or the batch is refused. */
export type WriteMode = 'replace' | 'insert';

/** What a commit deletes: the records of ids, or just the versions that have these keys. */
export type Deletes = { readonly ids: readonly RecordId[] } | { readonly keys: Float64Array<ArrayBuffer> };

/** Vectors of some of a chunk's records: their places in the chunk, ascending, and their stored bytes. */
export interface PackedVectors {
  readonly space: number;
  readonly records: Uint32Array<ArrayBuffer>;
  readonly vectors: PackedBytes;
}

/** Some of the records of a commit, in few buffers. */
export interface WriteChunk {
  readonly ids: readonly RecordId[];
  /** The key of the version that each record must replace; NaN for any or none. Undefined when it is so for all. */
  readonly replaces: Float64Array<ArrayBuffer> | undefined;
  readonly payloads: PackedBytes;
  readonly vectors: readonly PackedVectors[];
  /** Where the vectors of a record that has several, one for each passage of a text, come from (see passage-codec.ts). */
  readonly passages: readonly PackedVectors[];
}

/** Terms that have a number and no row in the file yet. */
export interface NewTerms {
  readonly space: number;
  readonly numbers: Uint32Array<ArrayBuffer>;
  readonly terms: readonly string[];
}

/** One transaction as plain data, so that it can go to another thread. */
export interface CommitRequest {
  readonly collection: number;
  readonly spaces: readonly Pick<StoredSpace, 'id' | 'kind'>[];
  readonly mode: WriteMode;
  readonly deletes: Deletes;
  readonly chunks: readonly WriteChunk[];
  readonly terms: readonly NewTerms[];
}

/** What a committed transaction did, as plain data. */
export interface Committed {
  readonly kind: 'committed';
  readonly commit: number;
  /** The keys of the records written, in their order. */
  readonly keys: Float64Array<ArrayBuffer>;
  readonly removedKeys: Float64Array<ArrayBuffer>;
  /** The sparse vectors of the versions removed, `records` being places in `removedKeys`. */
  readonly removedVectors: readonly PackedVectors[];
}

/**
 * Why a commit was refused: a record exists or was changed since, or a version that it removes has a sparse vector that
 * cannot be read.
 */
export type Refused =
  | { readonly kind: 'refused'; readonly because: 'exists' | 'changed'; readonly id: RecordId }
  | { readonly kind: 'refused'; readonly because: 'damaged'; readonly key: number };

/** What became of a commit; one that was refused has changed nothing. */
export type CommitOutcome = Committed | Refused;
