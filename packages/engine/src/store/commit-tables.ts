import type Database from 'better-sqlite3';
import type { RecordId } from '../schema/index.js';
import type { CommitRequest, Deletes } from './commit-request.js';
import { toSql } from './sql-id.js';

/** The statements that commit to one collection over one connection. */
export class CommitTables {
  /** The sparse spaces, by number. */
  readonly sparse: readonly number[];
  readonly #collection: number;
  readonly #insert: Database.Statement;
  readonly #delete: Database.Statement;
  readonly #has: Database.Statement;
  readonly #find: Database.Statement;
  readonly #count: Database.Statement;
  readonly #insertVector = new Map<number, Database.Statement>();
  readonly #deleteVector: Database.Statement[] = [];
  readonly #insertPassages: Database.Statement;
  readonly #deletePassages: Database.Statement;
  readonly #dense: number[] = [];
  readonly #vector = new Map<number, Database.Statement>();
  readonly #insertTerm = new Map<number, Database.Statement>();

  constructor(sql: Database.Database, collection: number, spaces: CommitRequest['spaces']) {
    const table = `nf_records_${collection}`;
    this.#collection = collection;
    this.#insert = sql.prepare(`INSERT INTO ${table} (id, payload) VALUES (?, ?)`);
    this.#delete = sql.prepare(`DELETE FROM ${table} WHERE key = ?`);
    this.#has = sql.prepare(`SELECT 1 FROM ${table} WHERE key = ?`).pluck();
    this.#find = sql.prepare(`SELECT key FROM ${table} WHERE id = ?`).pluck();
    this.#count = sql
      .prepare(
        'UPDATE nf_collections SET commits = commits + 1, removals = removals + ? WHERE id = ? RETURNING commits',
      )
      .pluck();
    this.#insertPassages = sql.prepare('INSERT INTO nf_passages (vector, key, spans) VALUES (?, ?, ?)');
    this.#deletePassages = sql.prepare('DELETE FROM nf_passages WHERE vector = ? AND key = ?');
    for (const { id, kind } of spaces) {
      const vectors = `nf_${kind}_${id}`;
      this.#insertVector.set(id, sql.prepare(`INSERT INTO ${vectors} (key, vector) VALUES (?, ?)`));
      if (kind === 'dense') {
        this.#dense.push(id);
        continue;
      }
      this.#deleteVector.push(sql.prepare(`DELETE FROM ${vectors} WHERE key = ?`));
      this.#vector.set(id, sql.prepare(`SELECT vector FROM ${vectors} WHERE key = ?`).pluck());
      this.#insertTerm.set(id, sql.prepare(`INSERT INTO nf_terms_${id} (number, term) VALUES (?, ?)`));
    }
    this.sparse = [...this.#vector.keys()];
  }

  has(key: number): boolean {
    return this.#has.get(key) !== undefined;
  }

  keyOf(id: RecordId): number | undefined {
    return this.#find.get(toSql(id)) as number | undefined;
  }

  /** Adds a record and returns its key. */
  insertRecord(id: RecordId, payload: Uint8Array): number {
    return Number(this.#insert.run(toSql(id), payload).lastInsertRowid);
  }

  insertVector(space: number, key: number, bytes: Uint8Array): void {
    this.#insertVector.get(space)!.run(key, bytes);
  }

  insertPassages(space: number, key: number, bytes: Uint8Array): void {
    this.#insertPassages.run(space, key, bytes);
  }

  insertTerm(space: number, number: number, term: string): void {
    this.#insertTerm.get(space)!.run(number, term);
  }

  /** What is stored as a sparse vector. */
  vector(space: number, key: number): unknown {
    return this.#vector.get(space)!.get(key);
  }

  /**
   * Takes a version out of all tables but those of dense vectors: a graph in the file leads through the vectors of dead
   * records, until a segment takes its place (see segment-store.ts).
   */
  delete(key: number): void {
    for (const statement of this.#deleteVector) statement.run(key);
    for (const space of this.#dense) this.#deletePassages.run(space, key);
    this.#delete.run(key);
  }

  /** Counts a commit of the collection with its removals; returns its number. */
  countCommit(removals: number): number {
    return this.#count.get(removals, this.#collection) as number;
  }
}

/** The versions to delete that there are. */
export function keysToDelete(deletes: Deletes, tables: CommitTables): Set<number> {
  if ('keys' in deletes) return new Set([...deletes.keys].filter((key) => tables.has(key)));
  return new Set(deletes.ids.map((id) => tables.keyOf(id)).filter((key) => key !== undefined));
}
