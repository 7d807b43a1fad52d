export { Catalog, type CatalogEntry, type NewSpace, type StoredSpace } from './catalog.js';
export {
  CollectionStore,
  type CollectionState,
  type Commit,
  type CommitId,
  type RecordWrite,
  type RemovedVersion,
  type StoredVersion,
  type WriteMode,
} from './collection-store.js';
export { DatabaseFile, IN_MEMORY, type Durability } from './database-file.js';
export type { Payload } from './payload.js';
export type { StoredVector } from './space-store.js';
export { guarded, translated } from './sqlite-errors.js';
