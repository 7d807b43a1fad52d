import type Database from 'better-sqlite3';
import type { CommitRequest, Committed } from './commit-request.js';
import { CommitTables, keysToDelete } from './commit-tables.js';
import { RemovedVectors } from './removed-vectors.js';

/**
 * A commit whose thread ended before it could say what became of it. The file knows: it counts commits, and nobody else
 * makes any.
 */
export class InterruptedCommit {
  readonly #tables: CommitTables;
  readonly #removed: RemovedVectors;
  readonly #commits: Database.Statement;
  readonly #before: number;

  /** To be made while `sql` holds the snapshot from before the commit: what the commit would remove is read from it. */
  constructor(
    sql: Database.Database,
    readonly request: CommitRequest,
  ) {
    const { collection, spaces, deletes, chunks } = request;
    this.#tables = new CommitTables(sql, collection, spaces);
    this.#removed = new RemovedVectors(this.#tables);
    this.#commits = sql.prepare('SELECT commits FROM nf_collections WHERE id = ?').pluck();
    this.#before = this.#count();
    const keys = keysToDelete(deletes, this.#tables);
    for (const { ids } of chunks) {
      for (const id of ids) {
        const key = this.#tables.keyOf(id);
        if (key !== undefined) keys.add(key);
      }
    }
    for (const key of keys) this.#removed.note(key);
  }

  /** What the commit did, or undefined when it did nothing. To be asked when `sql` holds the snapshot no more. */
  outcome(): Committed | undefined {
    const commit = this.#count();
    if (commit === this.#before) return undefined;
    const ids = this.request.chunks.flatMap((chunk) => chunk.ids);
    return {
      kind: 'committed',
      commit,
      keys: Float64Array.from(ids, (id) => this.#tables.keyOf(id)!),
      removedKeys: Float64Array.from(this.#removed.keys),
      removedVectors: this.#removed.pack(),
    };
  }

  #count(): number {
    return this.#commits.get(this.request.collection) as number;
  }
}
