import type Database from 'better-sqlite3';
import type { Encoded, SparseVector } from '../encoder/encoder.js';
import type { TermVector } from '../indexes/index.js';
import type { StoredSpace } from './catalog.js';
import { TermDictionary } from './term-dictionary.js';
import { denseBytes, denseFromBytes, sparseBytes, sparseFromBytes } from './vector-codec.js';

/**
 * What a record has in one space, as the indexes take it: dense vectors, one or several, as parts x dimensions numbers
 * (row-major), or a sparse vector over numbered terms.
 */
export type StoredVector = Float32Array | TermVector;

/** The table of one vector space: a row a record at most, by the record's key. */
export class SpaceStore {
  readonly dictionary: TermDictionary | undefined;
  readonly #insert: Database.Statement;
  readonly #delete: Database.Statement;
  readonly #get: Database.Statement;
  readonly #range: Database.Statement;

  constructor(
    sql: Database.Database,
    readonly space: StoredSpace,
  ) {
    const table = `nf_${space.kind}_${space.id}`;
    this.#insert = sql.prepare(`INSERT INTO ${table} (key, vector) VALUES (?, ?)`);
    this.#delete = sql.prepare(`DELETE FROM ${table} WHERE key = ?`);
    this.#get = sql.prepare(`SELECT vector FROM ${table} WHERE key = ?`).pluck();
    this.#range = sql.prepare(`SELECT key, vector FROM ${table} WHERE key BETWEEN ? AND ? ORDER BY key`).raw();
    this.dictionary = space.kind === 'sparse' ? new TermDictionary(sql, `nf_terms_${space.id}`) : undefined;
  }

  /** Stores the vector of a record; terms that are numbered already are kept as they are. */
  insert(key: number, vector: Encoded | StoredVector): StoredVector {
    const stored = isNumbered(vector) ? vector : this.dictionary!.number(vector);
    this.#insert.run(key, stored instanceof Float32Array ? denseBytes(stored) : sparseBytes(stored));
    return stored;
  }

  delete(key: number): void {
    this.#delete.run(key);
  }

  get(key: number): StoredVector | undefined {
    const bytes = this.#get.get(key) as Uint8Array | undefined;
    return bytes === undefined ? undefined : this.#decode(bytes);
  }

  /** The vectors of the records whose keys lie between `first` and `last`, both included, by key. */
  range(first: number, last: number): [key: number, vector: StoredVector][] {
    const rows = this.#range.all(first, last) as [number, Uint8Array][];
    return rows.map(([key, bytes]) => [key, this.#decode(bytes)]);
  }

  #decode(bytes: Uint8Array): StoredVector {
    return this.space.kind === 'dense' ? denseFromBytes(bytes, this.space.dimensions) : sparseFromBytes(bytes);
  }
}

function isNumbered(vector: Encoded | StoredVector): vector is StoredVector {
  return vector instanceof Float32Array || (vector as SparseVector | TermVector).terms instanceof Uint32Array;
}
