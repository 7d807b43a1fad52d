import type { Steps } from '../indexes/index.js';
import type { RecordId } from '../schema/index.js';
import type { Committed } from './commit-request.js';
import type { PackedWrites } from './pack-writes.js';
import { blockAt } from './packed-bytes.js';
import type { Payload } from './payload.js';
import type { SpaceStore, StoredVector } from './space-store.js';

/** The number of the transaction, counted by collection, that made a change durable. */
export type CommitId = number;

/** A version of a record, as committed. Every write gives a record a new key; keys only grow. */
export interface StoredVersion {
  readonly key: number;
  readonly id: RecordId;
  readonly payload: Payload;
  readonly vectors: ReadonlyMap<string, StoredVector>;
}

/** A version that is no more, with what the indexes need to forget it. */
export interface RemovedVersion {
  readonly key: number;
  readonly vectors: ReadonlyMap<string, StoredVector>;
}

export interface Commit {
  readonly id: CommitId;
  readonly removed: readonly RemovedVersion[];
  readonly written: readonly StoredVersion[];
}

/** Versions read between two possible pauses. */
const SLICE_VERSIONS = 256;

const NO_VECTORS: ReadonlyMap<string, StoredVector> = new Map();

/** What a transaction changed, as the indexes take it. */
export function* readCommit(
  { commit, keys, removedKeys, removedVectors }: Committed,
  { records }: PackedWrites,
  spaces: ReadonlyMap<string, SpaceStore>,
): Steps<Commit> {
  const written: StoredVersion[] = [];
  for (const [i, record] of records.entries()) {
    if (i % SLICE_VERSIONS === 0) yield;
    written.push({ key: keys[i], ...record });
  }
  const vectors: (Map<string, StoredVector> | undefined)[] = [];
  for (const { space, records: places, vectors: packed } of removedVectors) {
    const store = [...spaces.values()].find((candidate) => candidate.space.id === space)!;
    for (const [i, place] of places.entries()) {
      if (i % SLICE_VERSIONS === 0) yield;
      (vectors[place] ??= new Map()).set(store.space.name, store.decode(blockAt(packed, i)));
    }
  }
  const removed = Array.from(removedKeys, (key, i) => ({ key, vectors: vectors[i] ?? NO_VECTORS }));
  return { id: commit, removed, written };
}
