import type Database from 'better-sqlite3';
import type { Encoded } from '../encoder/encoder.js';
import { NearfieldError } from '../errors/index.js';
import type { RecordId } from '../schema/index.js';
import type { CatalogEntry } from './catalog.js';
import { packPayload, unpackPayload, type Payload } from './payload.js';
import { SpaceStore, type StoredVector } from './space-store.js';
import { guarded } from './sqlite-errors.js';
import { transact } from './transaction.js';

/** The number of the transaction, counted by collection, that made a change durable. */
export type CommitId = number;

/** A record to write. */
export interface RecordWrite {
  readonly id: RecordId;
  readonly payload: Payload;
  readonly vectors: ReadonlyMap<string, Encoded | StoredVector>;
  /** When given: the key of the version that this one replaces; another version in its place is a WRITE_CONFLICT. */
  readonly replaces?: number;
}

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

/** How far a collection has come: two equal states have the same versions. */
export interface CollectionState {
  readonly commit: CommitId;
  /** Versions that were ever removed: when it has not moved, everything new has a key above the last. */
  readonly removals: number;
}

/** What happens when a record of the same id exists: it is replaced, or the batch is refused. */
export type WriteMode = 'replace' | 'insert';

/** The tables of one collection. All calls are synchronous; a commit is one SQLite transaction. */
export class CollectionStore {
  readonly spaces: ReadonlyMap<string, SpaceStore>;
  readonly #sql: Database.Database;
  readonly #statements: Readonly<
    Record<'insert' | 'delete' | 'find' | 'get' | 'page' | 'keys' | 'commit' | 'state', Database.Statement>
  >;

  constructor(
    sql: Database.Database,
    readonly entry: CatalogEntry,
  ) {
    const table = `nf_records_${entry.id}`;
    this.#sql = sql;
    this.spaces = new Map(entry.spaces.map((space) => [space.name, new SpaceStore(sql, space)]));
    this.#statements = {
      insert: sql.prepare(`INSERT INTO ${table} (id, payload) VALUES (?, ?)`),
      delete: sql.prepare(`DELETE FROM ${table} WHERE key = ?`),
      find: sql.prepare(`SELECT key FROM ${table} WHERE id = ?`).pluck(),
      get: sql.prepare(`SELECT payload FROM ${table} WHERE key = ?`).pluck(),
      page: sql.prepare(`SELECT key, id, payload FROM ${table} WHERE key > ? ORDER BY key LIMIT ?`).raw(),
      // By id, because the index on it holds the keys, and the table's own pages hold the payloads.
      keys: sql.prepare(`SELECT id, key FROM ${table} WHERE id > ? ORDER BY id LIMIT ?`).raw(),
      commit: sql
        .prepare(
          'UPDATE nf_collections SET commits = commits + 1, removals = removals + ? WHERE id = ? RETURNING commits',
        )
        .pluck(),
      state: sql.prepare('SELECT commits AS "commit", removals FROM nf_collections WHERE id = ?'),
    };
  }

  /** The state in the file, which another process may have brought about. */
  state(): CollectionState {
    const state = guarded(() => this.#statements.state.get(this.entry.id) as CollectionState | undefined);
    if (state !== undefined) return state;
    throw new NearfieldError('COLLECTION_NOT_FOUND', `Collection ${this.entry.name} was dropped`);
  }

  /** Makes the terms known that the file has; due before the first query or write, and when another process has written. */
  async loadTerms(): Promise<void> {
    for (const { dictionary } of this.spaces.values()) await dictionary?.load();
  }

  /** Deletes, then writes, in one transaction: all of it or nothing. Ids in `writes` are distinct. */
  commit(deletes: Iterable<RecordId>, writes: readonly RecordWrite[], mode: WriteMode = 'replace'): Commit {
    const dictionaries = [...this.spaces.values()].map((space) => space.dictionary);
    try {
      const commit = transact(this.#sql, () => this.#apply(deletes, writes, mode));
      for (const dictionary of dictionaries) dictionary?.commit();
      return commit;
    } catch (error) {
      for (const dictionary of dictionaries) dictionary?.rollback();
      throw error;
    }
  }

  /** The key of the current version of a record. */
  keyOf(id: RecordId): number | undefined {
    return guarded(() => this.#statements.find.get(toSql(id)) as number | undefined);
  }

  payload(key: number): Record<string, unknown> | undefined {
    return guarded(() => {
      const bytes = this.#statements.get.get(key) as Uint8Array | undefined;
      return bytes === undefined ? undefined : unpackPayload(bytes);
    });
  }

  vector(space: string, key: number): StoredVector | undefined {
    return guarded(() => this.spaces.get(space)!.get(key));
  }

  /** The error for a version that the segment has and the file does not: replaced by the writer since, or damage. */
  versionGone(id: RecordId): NearfieldError {
    const what = `Record ${JSON.stringify(id)}`;
    const readOnly = this.#sql.pragma('query_only', { simple: true }) === 1;
    if (!readOnly) return new NearfieldError('CORRUPT', `${what} is missing from the file`, { record: id });
    return new NearfieldError('WRITE_CONFLICT', `${what} was changed by the writer meanwhile`, {
      record: id,
      remedy: 'Repeat the call.',
    });
  }

  /** Up to `limit` versions with keys above `after`, by key. */
  page(after: number, limit: number): StoredVersion[] {
    return guarded(() => {
      const rows = this.#statements.page.all(after, limit) as [number, RecordId, Uint8Array][];
      if (rows.length === 0) return [];
      const vectors = rows.map(() => new Map<string, StoredVector>());
      for (const [name, space] of this.spaces) {
        let row = 0;
        for (const [key, vector] of space.range(rows[0][0], rows.at(-1)![0])) {
          while (row < rows.length && rows[row][0] < key) row++;
          if (rows[row]?.[0] === key) vectors[row].set(name, vector);
        }
      }
      return rows.map(([key, id, payload], i) => ({ key, id, payload: unpackPayload(payload), vectors: vectors[i] }));
    });
  }

  /** The keys of up to `limit` records behind `after` in the order of ids; from the first without it. */
  keys(after: RecordId | undefined, limit: number): [id: RecordId, key: number][] {
    return guarded(
      () => this.#statements.keys.all(after === undefined ? -1 : toSql(after), limit) as [RecordId, number][],
    );
  }

  #apply(deletes: Iterable<RecordId>, writes: readonly RecordWrite[], mode: WriteMode): Commit {
    const removed: RemovedVersion[] = [];
    for (const id of deletes) {
      const key = this.keyOf(id);
      if (key !== undefined) removed.push(this.#remove(key));
    }
    const written = writes.map((write) => {
      const key = this.keyOf(write.id);
      if (key !== undefined && mode === 'insert') {
        throw new NearfieldError('ID_EXISTS', `A record with id ${JSON.stringify(write.id)} exists`, {
          record: write.id,
        });
      }
      if (write.replaces !== undefined && write.replaces !== key) {
        throw new NearfieldError('WRITE_CONFLICT', `Record ${JSON.stringify(write.id)} was changed meanwhile`, {
          record: write.id,
        });
      }
      if (key !== undefined) removed.push(this.#remove(key));
      return this.#write(write);
    });
    return { id: this.#statements.commit.get(removed.length, this.entry.id) as CommitId, removed, written };
  }

  #write({ id, payload, vectors }: RecordWrite): StoredVersion {
    const key = Number(this.#statements.insert.run(toSql(id), packPayload(payload)).lastInsertRowid);
    const stored = new Map<string, StoredVector>();
    for (const [name, vector] of vectors) stored.set(name, this.spaces.get(name)!.insert(key, vector));
    return { key, id, payload, vectors: stored };
  }

  #remove(key: number): RemovedVersion {
    const vectors = new Map<string, StoredVector>();
    for (const [name, space] of this.spaces) {
      if (space.space.kind === 'sparse') {
        const vector = space.get(key);
        if (vector !== undefined) vectors.set(name, vector);
      }
      space.delete(key);
    }
    this.#statements.delete.run(key);
    return { key, vectors };
  }
}

/** SQLite tells integers from reals, JavaScript does not: an id beyond 32 bits must go in as an integer all the same. */
function toSql(id: RecordId): RecordId | bigint {
  return typeof id === 'number' ? BigInt(id) : id;
}
