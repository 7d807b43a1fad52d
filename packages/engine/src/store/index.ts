export { Catalog, type CatalogEntry, type NewSpace, type StoredSpace } from './catalog.js';
export { CollectionStore, type CollectionState } from './collection-store.js';
export type { Deletes, WriteMode } from './commit-request.js';
export type { PackedWrites, RecordWrite } from './pack-writes.js';
export type { Commit, CommitId, RemovedVersion, StoredVersion } from './read-commit.js';
export { DatabaseFile, IN_MEMORY, type Durability } from './database-file.js';
export type { Payload } from './payload.js';
export type { StoredVector } from './space-store.js';
export { guarded, translated } from './sqlite-errors.js';
