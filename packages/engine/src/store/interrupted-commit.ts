import type Database from 'better-sqlite3';
import type { CommitRequest, Committed } from './commit-request.js';
import { CommitTables, keysToDelete } from './commit-tables.js';
import { RemovedVectors } from './removed-vectors.js';

/**
 * A commit whose thread ended before it could say what became of it. The file knows: it counts commits, and nobody else
 * makes any.
 */
export class InterruptedCommit {
  readonly #removed: RemovedVectors;
  readonly #before: number;

  /** @param sql a connection that holds a snapshot from before the commit: what the commit would remove is read by it */
  constructor(
    sql: Database.Database,
    readonly request: CommitRequest,
  ) {
    const { collection, spaces, deletes, chunks } = request;
    const tables = new CommitTables(sql, collection, spaces);
    this.#removed = new RemovedVectors(tables);
    this.#before = commitsOf(sql, collection);
    const keys = keysToDelete(deletes, tables);
    for (const { ids } of chunks) {
      for (const id of ids) {
        const key = tables.keyOf(id);
        if (key !== undefined) keys.add(key);
      }
    }
    for (const key of keys) this.#removed.note(key);
  }

  /**
   * What the commit did, or undefined when it did nothing.
   * @param latest a connection that sees the file as it is now
   */
  outcome(latest: Database.Database): Committed | undefined {
    const { collection, spaces, chunks } = this.request;
    const commit = commitsOf(latest, collection);
    if (commit === this.#before) return undefined;
    const tables = new CommitTables(latest, collection, spaces);
    const ids = chunks.flatMap((chunk) => chunk.ids);
    return {
      kind: 'committed',
      commit,
      keys: Float64Array.from(ids, (id) => tables.keyOf(id)!),
      removedKeys: Float64Array.from(this.#removed.keys),
      removedVectors: this.#removed.pack(),
    };
  }
}

function commitsOf(sql: Database.Database, collection: number): number {
  return sql.prepare('SELECT commits FROM nf_collections WHERE id = ?').pluck().get(collection) as number;
}
