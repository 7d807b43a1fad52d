import type Database from 'better-sqlite3';
import type { CommitOutcome, CommitRequest, Committed, NewTerms, WriteChunk } from './commit-request.js';
import { CommitTables, keysToDelete } from './commit-tables.js';
import { blockAt } from './packed-bytes.js';
import { Refusal } from './refusal.js';
import { RemovedVectors } from './removed-vectors.js';

/** Commits over one connection, in whichever thread that is. All calls are synchronous. */
export class CommitWriter {
  readonly #tables = new Map<number, CommitTables>();

  constructor(readonly sql: Database.Database) {}

  /** Deletes, then writes, in one transaction: all of it or nothing. Throws SQLite's own errors. */
  commit(request: CommitRequest): CommitOutcome {
    try {
      return this.sql.transaction(() => this.#apply(request)).immediate();
    } catch (error) {
      if (error instanceof Refusal) return error.refused;
      throw error;
    }
  }

  #apply(request: CommitRequest): Committed {
    const tables = this.#tablesOf(request);
    for (const terms of request.terms) insertTerms(tables, terms);
    const removed = new RemovedVectors(tables);
    for (const key of keysToDelete(request.deletes, tables)) removed.remove(key);
    const keys = new Float64Array(request.chunks.reduce((total, { ids }) => total + ids.length, 0));
    let written = 0;
    for (const chunk of request.chunks) {
      for (const [i, id] of chunk.ids.entries()) {
        const before = tables.keyOf(id);
        checkReplaced(request, chunk, i, before);
        if (before !== undefined) removed.remove(before);
        keys[written + i] = tables.insertRecord(id, blockAt(chunk.payloads, i));
      }
      insertVectors(tables, chunk, keys.subarray(written));
      written += chunk.ids.length;
    }
    const commit = tables.countCommit(removed.keys.length);
    return {
      kind: 'committed',
      commit,
      keys,
      removedKeys: Float64Array.from(removed.keys),
      removedVectors: removed.pack(),
    };
  }

  #tablesOf({ collection, spaces }: CommitRequest): CommitTables {
    let tables = this.#tables.get(collection);
    if (tables === undefined) this.#tables.set(collection, (tables = new CommitTables(this.sql, collection, spaces)));
    return tables;
  }
}

function checkReplaced(
  { mode }: CommitRequest,
  { ids, replaces }: WriteChunk,
  i: number,
  before: number | undefined,
): void {
  if (before !== undefined && mode === 'insert') throw new Refusal({ kind: 'refused', because: 'exists', id: ids[i] });
  if (replaces === undefined || Number.isNaN(replaces[i]) || replaces[i] === before) return;
  throw new Refusal({ kind: 'refused', because: 'changed', id: ids[i] });
}

function insertTerms(tables: CommitTables, { space, numbers, terms }: NewTerms): void {
  for (const [i, term] of terms.entries()) tables.insertTerm(space, numbers[i], term);
}

function insertVectors(tables: CommitTables, chunk: WriteChunk, keys: Float64Array): void {
  for (const { space, records, vectors } of chunk.vectors) {
    for (const [i, record] of records.entries()) tables.insertVector(space, keys[record], blockAt(vectors, i));
  }
  for (const { space, records, vectors } of chunk.passages) {
    for (const [i, record] of records.entries()) tables.insertPassages(space, keys[record], blockAt(vectors, i));
  }
}
