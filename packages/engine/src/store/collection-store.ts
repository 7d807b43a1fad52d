import type Database from 'better-sqlite3';
import { NearfieldError } from '../errors/index.js';
import type { RecordId } from '../schema/index.js';
import { inSteps } from '../workers/index.js';
import type { CatalogEntry } from './catalog.js';
import type { CommitOutcome, Committed, Deletes, WriteMode } from './commit-request.js';
import type { Committer } from './committer.js';
import { readObserved } from './observed-store.js';
import { packWrites, type PackedWrites, type RecordWrite } from './pack-writes.js';
import { spansFromBytes, type PassageSpans } from './passage-codec.js';
import { unpackPayload } from './payload.js';
import { readCommit, type Commit, type CommitId, type StoredVersion } from './read-commit.js';
import { SegmentStore, type DenseSpace } from './segment-store.js';
import { SpaceStore, type StoredVector } from './space-store.js';
import { toSql } from './sql-id.js';
import { guarded } from './sqlite-errors.js';
import { VectorBlocks } from './vector-blocks.js';

/** How far a collection has come: two equal states have the same versions. */
export interface CollectionState {
  readonly commit: CommitId;
  /** Versions that were ever removed: when it has not moved, everything new has a key above the last. */
  readonly removals: number;
}

/**
 * The tables of one collection. Reads are synchronous, and see all commits that were shown and no others; a commit is one
 * SQLite transaction.
 */
export class CollectionStore {
  readonly spaces: ReadonlyMap<string, SpaceStore>;
  readonly #statements: Readonly<
    Record<'find' | 'get' | 'page' | 'ids' | 'payloads' | 'keys' | 'state' | 'passages', Database.Statement>
  >;

  /** @param sql the connection to read by */
  constructor(
    readonly sql: Database.Database,
    readonly entry: CatalogEntry,
    readonly committer: Committer,
  ) {
    const table = `nf_records_${entry.id}`;
    this.spaces = new Map(entry.spaces.map((space) => [space.name, new SpaceStore(sql, space)]));
    this.#statements = {
      find: sql.prepare(`SELECT key FROM ${table} WHERE id = ?`).pluck(),
      get: sql.prepare(`SELECT payload FROM ${table} WHERE key = ?`).pluck(),
      page: sql.prepare(`SELECT key, id, payload FROM ${table} WHERE key > ? ORDER BY key LIMIT ?`).raw(),
      ids: sql
        .prepare(
          `SELECT json_group_array(key), json_group_array(id)
           FROM (SELECT key, id FROM ${table} WHERE key > ? ORDER BY key LIMIT ?)`,
        )
        .raw(),
      payloads: sql.prepare(`SELECT key, payload FROM ${table} WHERE key > ? AND key <= ? ORDER BY key LIMIT ?`).raw(),
      // By id, because the index on it holds the keys, and the table's own pages hold the payloads.
      keys: sql.prepare(`SELECT id, key FROM ${table} WHERE id > ? ORDER BY id LIMIT ?`).raw(),
      passages: sql.prepare('SELECT spans FROM nf_passages WHERE vector = ? AND key = ?').pluck(),
      state: sql.prepare('SELECT commits AS "commit", removals FROM nf_collections WHERE id = ?'),
    };
  }

  /** The state in the file, which another process may have brought about. */
  state(): CollectionState {
    const state = guarded(() => this.#statements.state.get(this.entry.id) as CollectionState | undefined);
    if (state !== undefined) return state;
    throw new NearfieldError('COLLECTION_NOT_FOUND', `Collection ${this.entry.name} was dropped`);
  }

  /** What was observed of the recall of a space, as it was kept; undefined where nothing was. */
  observed(space: number): object | undefined {
    return readObserved(this.sql, space);
  }

  /** Makes the terms known that the file has; due before the first query or write, and when another process has written. */
  async loadTerms(): Promise<void> {
    for (const { dictionary } of this.spaces.values()) await dictionary?.load();
  }

  /** Makes records ready for a commit; needs no turn. */
  pack(writes: readonly RecordWrite[]): Promise<PackedWrites> {
    return inSteps(packWrites(writes, this.spaces));
  }

  /**
   * Deletes, then writes, in one transaction: all of it or nothing. Ids in `writes` are distinct. To be called in the
   * committer's turn; `show` is called in the turn of the event loop from which on reads see the commit.
   */
  commit(deletes: Deletes, writes: PackedWrites, mode: WriteMode, show: (commit: Commit) => void): Promise<Commit> {
    const dictionaries = [...this.spaces.values()].map(({ dictionary }) => dictionary);
    const terms = dictionaries.map((dictionary) => dictionary?.unstored()).filter((terms) => terms !== undefined);
    const spaces = this.entry.spaces.map(({ id, kind }) => ({ id, kind }));
    const request = { collection: this.entry.id, spaces, mode, deletes, chunks: writes.chunks, terms };
    const read = (outcome: CommitOutcome) => readCommit(accepted(outcome), writes, this.spaces);
    return this.committer.commit(request, read, (commit) => {
      for (const stored of terms) {
        dictionaries.find((dictionary) => dictionary?.space === stored.space)?.stored(stored);
      }
      show(commit);
    });
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

  /** The passages that a record's vectors in a space are made of; undefined where it has one, or the caller brought them. */
  passages(space: string, key: number): PassageSpans | undefined {
    return guarded(() => {
      const { id } = this.spaces.get(space)!.space;
      const bytes = this.#statements.passages.get(id, key) as Uint8Array | undefined;
      return bytes === undefined ? undefined : spansFromBytes(bytes);
    });
  }

  /** The error for a version that the segment has and the file does not: replaced by the writer since, or damage. */
  versionGone(id: RecordId): NearfieldError {
    const what = `Record ${JSON.stringify(id)}`;
    const readOnly = this.sql.pragma('query_only', { simple: true }) === 1;
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

  /** Keys and ids of up to `limit` records with keys above `after`, by key: as JSON from SQLite, four times as fast as rows. */
  ids(after: number, limit: number): { readonly keys: readonly number[]; readonly ids: readonly RecordId[] } {
    const [keys, ids] = guarded(() => this.#statements.ids.get(after, limit) as [string, string]);
    return { keys: JSON.parse(keys) as number[], ids: JSON.parse(ids) as RecordId[] };
  }

  /** Fields of up to `limit` records with keys above `after` up to `last`, by key. */
  payloads(after: number, last: number, limit: number): [key: number, payload: Record<string, unknown>][] {
    const rows = guarded(() => this.#statements.payloads.all(after, last, limit) as [number, Uint8Array][]);
    return rows.map(([key, bytes]) => [key, unpackPayload(bytes)]);
  }

  /** The sealed segments of a space. */
  segments(space: DenseSpace): SegmentStore {
    return new SegmentStore(this.sql, space);
  }

  /** The vectors of a space, many at a time. */
  blocks(space: DenseSpace): VectorBlocks {
    return new VectorBlocks(this.sql, space.id, space.dimensions);
  }

  /** The keys of up to `limit` records behind `after` in the order of ids; from the first without it. */
  keys(after: RecordId | undefined, limit: number): [id: RecordId, key: number][] {
    return guarded(
      () => this.#statements.keys.all(after === undefined ? -1 : toSql(after), limit) as [RecordId, number][],
    );
  }
}

/** What was committed; throws ID_EXISTS, WRITE_CONFLICT or CORRUPT when it was refused. */
function accepted(outcome: CommitOutcome): Committed {
  if (outcome.kind === 'committed') return outcome;
  switch (outcome.because) {
    case 'exists': {
      const { id } = outcome;
      throw new NearfieldError('ID_EXISTS', `A record with id ${JSON.stringify(id)} exists`, { record: id });
    }
    case 'changed': {
      const { id } = outcome;
      throw new NearfieldError('WRITE_CONFLICT', `Record ${JSON.stringify(id)} was changed meanwhile`, { record: id });
    }
    case 'damaged':
      throw new NearfieldError('CORRUPT', `The sparse vector of key ${outcome.key} has the wrong size`);
    default: {
      const other: never = outcome;
      throw new TypeError(`Unknown outcome ${JSON.stringify(other)}`);
    }
  }
}
