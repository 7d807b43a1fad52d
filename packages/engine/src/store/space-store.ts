import type Database from 'better-sqlite3';
import type { TermVector } from '../indexes/index.js';
import type { StoredSpace } from './catalog.js';
import { TermDictionary } from './term-dictionary.js';
import { denseFromBytes, sparseFromBytes } from './vector-codec.js';

/**
 * What a record has in one space, as the indexes take it: dense vectors, one or several, as parts x dimensions numbers
 * (row-major), or a sparse vector over numbered terms.
 */
export type StoredVector = Float32Array | TermVector;

/** The table of one vector space, for reading: a row a record at most, by the record's key. */
export class SpaceStore {
  readonly dictionary: TermDictionary | undefined;
  readonly #get: Database.Statement;
  readonly #range: Database.Statement;

  constructor(
    sql: Database.Database,
    readonly space: StoredSpace,
  ) {
    const table = `nf_${space.kind}_${space.id}`;
    this.#get = sql.prepare(`SELECT vector FROM ${table} WHERE key = ?`).pluck();
    this.#range = sql.prepare(`SELECT key, vector FROM ${table} WHERE key BETWEEN ? AND ? ORDER BY key`).raw();
    this.dictionary = space.kind === 'sparse' ? new TermDictionary(sql, space.id) : undefined;
  }

  get(key: number): StoredVector | undefined {
    const bytes = this.#get.get(key) as Uint8Array | undefined;
    return bytes === undefined ? undefined : this.decode(bytes);
  }

  /** The vectors of the records whose keys lie between `first` and `last`, both included, by key. */
  range(first: number, last: number): [key: number, vector: StoredVector][] {
    const rows = this.#range.all(first, last) as [number, Uint8Array][];
    return rows.map(([key, bytes]) => [key, this.decode(bytes)]);
  }

  /** A vector from its stored bytes. */
  decode(bytes: Uint8Array): StoredVector {
    return this.space.kind === 'dense' ? denseFromBytes(bytes, this.space.dimensions) : sparseFromBytes(bytes);
  }
}
