import type { AnyRecord, RecordId, RecordVectors } from '../schema/index.js';
import type { CollectionStore } from '../store/index.js';

export interface Projection {
  /** Fields to return; undefined for all. */
  readonly select: readonly string[] | undefined;
  /** Whether to return the dense vectors. */
  readonly vectors: boolean;
}

/** Reads one version of a record from the store, or undefined when it is gone. */
export function readRecord(
  store: CollectionStore,
  key: number,
  id: RecordId,
  projection: Projection,
): AnyRecord | undefined {
  const payload = store.payload(key);
  if (payload === undefined) return undefined;
  const record: AnyRecord = { id };
  for (const name of projection.select ?? Object.keys(payload)) {
    if (name !== 'id' && Object.hasOwn(payload, name)) record[name] = payload[name];
  }
  if (projection.vectors) record.vectors = readVectors(store, key);
  return record;
}

/** The dense vectors of a record, as they were given or encoded. Sparse ones belong to the index alone. */
function readVectors(store: CollectionStore, key: number): Record<string, RecordVectors> {
  const vectors: Record<string, RecordVectors> = {};
  for (const [name, { space }] of store.spaces) {
    if (space.kind !== 'dense') continue;
    const vector = store.vector(name, key);
    if (vector instanceof Float32Array) vectors[name] = toParts(vector, space.dimensions);
  }
  return vectors;
}

/** One vector as it is; several as arrays of their own. */
function toParts(vectors: Float32Array, dimensions: number): RecordVectors {
  if (vectors.length === dimensions) return vectors;
  const parts = Array.from({ length: vectors.length / dimensions }, (_, part) => part * dimensions);
  return parts.map((at) => vectors.slice(at, at + dimensions));
}
