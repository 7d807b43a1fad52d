export { Catalog, type CatalogEntry, type NewSpace, type StoredSpace } from './catalog.js';
export {
  CollectionStore,
  type CollectionState,
  type Commit,
  type CommitId,
  type RemovedVersion,
  type StoredVersion,
} from './collection-store.js';
export type { Deletes, WriteMode } from './commit-request.js';
export type { PackedWrites, RecordWrite } from './pack-writes.js';
export { DatabaseFile, IN_MEMORY, type Durability } from './database-file.js';
export type { Payload } from './payload.js';
export type { StoredVector } from './space-store.js';
export { guarded, translated } from './sqlite-errors.js';
export { SegmentStore, type DenseSpace, type KeyRun } from './segment-store.js';
export { VectorBlocks, VectorsByKey, type VectorBlock } from './vector-blocks.js';
