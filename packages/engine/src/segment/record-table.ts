import { NearfieldError } from '../errors/index.js';
import { Bitset, InvertedIndex, createColumn, type ColumnIndex, type TermVector } from '../indexes/index.js';
import type { RecordId } from '../schema/index.js';
import type { CatalogEntry, Commit, RemovedVersion, StoredVersion } from '../store/index.js';
import { KeyColumn } from './key-column.js';
import type { VectorSegments } from './vector-segments.js';

/** A table that is mostly dead wastes memory; below this many dead rows rewriting is not worth it. */
const MIN_DEAD_ROWS = 1024;

let lastVersion = 0;

/**
 * The committed records of a collection in memory, as rows in the order of their keys: ids, columns, postings, and the
 * segments of each dense vector space. Rows are only ever added; a deleted or replaced record leaves a dead row, which no
 * search returns, until the table is rewritten.
 */
export class RecordTable {
  readonly keys = new KeyColumn();
  readonly ids: RecordId[] = [];
  readonly alive = new Bitset();
  readonly columns: ReadonlyMap<string, ColumnIndex>;
  readonly sparse: ReadonlyMap<string, InvertedIndex>;
  /** The segments of each dense vector space. A table that takes the place of another takes them over when it is loaded. */
  dense: ReadonlyMap<string, VectorSegments> = new Map();
  #live = 0;
  #version = ++lastVersion;
  #living: { readonly version: number; readonly rows: Bitset } | undefined;

  constructor({ schema, spaces }: CatalogEntry) {
    const indexed = Object.entries(schema.fields).filter(([, field]) => field.index);
    this.columns = new Map(indexed.map(([name, field]) => [name, createColumn(field.type)]));
    const sparse = new Map<string, InvertedIndex>();
    for (const space of spaces) {
      const vector = schema.vectors[space.name];
      if (space.kind === 'sparse' && vector.kind === 'encoded') sparse.set(space.name, new InvertedIndex(vector.bm25));
    }
    this.sparse = sparse;
  }

  /** Rows in use, dead ones included. */
  get rows(): number {
    return this.keys.length;
  }

  /** A number that no other state of any table has, for what is derived from the living rows. */
  get version(): number {
    return this.#version;
  }

  /** The rows that live now, for what runs later: a copy, which all share that ask while it is true. Not to be changed. */
  get living(): Bitset {
    if (this.#living?.version !== this.#version) this.#living = { version: this.#version, rows: this.alive.clone() };
    return this.#living.rows;
  }

  /** Live records. */
  get size(): number {
    return this.#live;
  }

  get bytes(): number {
    let total = this.keys.bytes + this.ids.length * 8 + this.rows / 8;
    for (const index of [...this.columns.values(), ...this.dense.values(), ...this.sparse.values()])
      total += index.bytes;
    return Math.ceil(total);
  }

  /** Whether so many rows are dead that the table should be rewritten from the store. */
  get mostlyDead(): boolean {
    const dead = this.rows - this.#live;
    return dead >= MIN_DEAD_ROWS && dead > this.#live;
  }

  /** Makes room for the vectors of records that are about to be appended; throws MEMORY_EXHAUSTED and changes nothing. */
  reserve(records: readonly { readonly vectors: ReadonlyMap<string, unknown> }[]): void {
    for (const [name, segments] of this.dense) {
      let count = 0;
      for (const { vectors } of records) {
        const vector = vectors.get(name);
        if (vector instanceof Float32Array) count += vector.length / segments.space.dimensions;
      }
      segments.reserve(count);
    }
  }

  apply(commit: Commit): void {
    for (const version of commit.removed) this.remove(version);
    for (const version of commit.written) this.append(version);
    for (const segments of this.dense.values()) segments.settle();
  }

  append({ key, id, payload, vectors }: StoredVersion): void {
    const row = this.appendRow(key, id);
    for (const [field, column] of this.columns) column.append(row, payload[field]);
    for (const [name, vector] of vectors) {
      if (vector instanceof Float32Array) this.dense.get(name)?.append(row, key, vector);
      else this.sparse.get(name)!.append(row, vector);
    }
  }

  /** Adds a row without fields and vectors, which a loader adds. */
  appendRow(key: number, id: RecordId): number {
    if (key <= this.keys.last) throw new NearfieldError('CORRUPT', `Key ${key} is out of order`, { record: id });
    const row = this.rows;
    this.keys.append(key);
    this.ids.push(id);
    this.alive.add(row);
    this.#live++;
    this.#version = ++lastVersion;
    return row;
  }

  /** Marks rows dead whose vectors are not at hand any more. */
  forget(rows: Bitset): void {
    for (const row of rows.toArray()) {
      this.alive.delete(row);
      for (const segments of this.dense.values()) segments.remove(row);
    }
    this.#live = this.alive.count();
    this.#version = ++lastVersion;
    for (const index of this.sparse.values()) index.forget(rows);
  }

  /** Marks a version dead; one that is not here is no matter. */
  remove({ key, vectors }: RemovedVersion): void {
    const row = this.keys.rowOf(key);
    if (row < 0 || !this.alive.has(row)) return;
    this.alive.delete(row);
    this.#live--;
    this.#version = ++lastVersion;
    for (const segments of this.dense.values()) segments.remove(row);
    for (const [name, index] of this.sparse) {
      const vector = vectors.get(name) as TermVector | undefined;
      if (vector !== undefined) index.remove(row, vector);
    }
  }
}
