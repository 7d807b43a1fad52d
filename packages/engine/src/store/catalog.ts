import type Database from 'better-sqlite3';
import type { Metric } from '../distance/index.js';
import type { EncoderIdentity } from '../encoder/encoder.js';
import { NearfieldError, describe } from '../errors/index.js';
import { isPlainObject, type CollectionSchema } from '../schema/index.js';
import { guarded } from './sqlite-errors.js';
import { transact } from './transaction.js';

/** How one vector space is stored. */
export type StoredSpace =
  | {
      readonly name: string;
      readonly id: number;
      readonly kind: 'dense';
      readonly dimensions: number;
      readonly metric: Metric;
      readonly encoder: EncoderIdentity | undefined;
    }
  | { readonly name: string; readonly id: number; readonly kind: 'sparse'; readonly encoder: EncoderIdentity };

/** StoredSpace before the file has given it an id. */
export type NewSpace = StoredSpace extends infer S ? (S extends StoredSpace ? Omit<S, 'id'> : never) : never;

export interface CatalogEntry {
  readonly id: number;
  readonly name: string;
  readonly schema: CollectionSchema;
  readonly spaces: readonly StoredSpace[];
}

interface SpaceRow {
  id: number;
  name: string;
  kind: 'dense' | 'sparse';
  dimensions: number | null;
  metric: string | null;
  encoder: string | null;
}

/** The collections of a file. */
export class Catalog {
  constructor(readonly sql: Database.Database) {}

  names(): string[] {
    return guarded(() => this.sql.prepare('SELECT name FROM nf_collections ORDER BY name').pluck().all() as string[]);
  }

  find(name: string): CatalogEntry | undefined {
    return guarded(() => {
      const row = this.sql.prepare('SELECT id, schema FROM nf_collections WHERE name = ?').get(name) as
        | { id: number; schema: string }
        | undefined;
      if (row === undefined) return undefined;
      const spaces = this.sql.prepare('SELECT * FROM nf_vectors WHERE collection = ? ORDER BY id').all(row.id);
      return {
        id: row.id,
        name,
        schema: toSchema(row.schema),
        spaces: (spaces as SpaceRow[]).map(toSpace),
      };
    });
  }

  create(name: string, schema: CollectionSchema, spaces: readonly NewSpace[]): CatalogEntry {
    transact(this.sql, () => {
      const insert = this.sql.prepare('INSERT INTO nf_collections (name, schema) VALUES (?, ?)');
      const id = Number(insert.run(name, JSON.stringify(schema)).lastInsertRowid);
      this.sql.exec(`CREATE TABLE nf_records_${id} (
        key INTEGER PRIMARY KEY AUTOINCREMENT, id ANY NOT NULL UNIQUE, payload BLOB NOT NULL) STRICT`);
      for (const space of spaces) this.#createSpace(id, space);
    });
    return this.find(name)!;
  }

  drop({ id, name, spaces }: CatalogEntry): void {
    transact(this.sql, () => {
      this.sql.prepare('DELETE FROM nf_collections WHERE name = ?').run(name);
      this.sql.exec(`DROP TABLE nf_records_${id}`);
      for (const space of spaces) {
        this.sql.exec(`DROP TABLE nf_${space.kind}_${space.id}`);
        if (space.kind === 'sparse') this.sql.exec(`DROP TABLE nf_terms_${space.id}`);
      }
    });
  }

  #createSpace(collection: number, space: NewSpace): void {
    const insert = this.sql.prepare(
      'INSERT INTO nf_vectors (collection, name, kind, dimensions, metric, encoder) VALUES (?, ?, ?, ?, ?, ?)',
    );
    const [dimensions, metric] = space.kind === 'dense' ? [space.dimensions, space.metric] : [null, null];
    const encoder = space.encoder === undefined ? null : JSON.stringify(space.encoder);
    const id = Number(insert.run(collection, space.name, space.kind, dimensions, metric, encoder).lastInsertRowid);
    this.sql.exec(`CREATE TABLE nf_${space.kind}_${id} (key INTEGER PRIMARY KEY, vector BLOB NOT NULL) STRICT`);
    if (space.kind === 'sparse') {
      this.sql.exec(`CREATE TABLE nf_terms_${id} (number INTEGER PRIMARY KEY, term TEXT NOT NULL UNIQUE) STRICT`);
    }
  }
}

/** What `create` wrote as JSON; throws CORRUPT when it is not that any more. */
function parsed<T extends object>(json: string): T {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null) return value as T;
  } catch {
    // As an error of the file, below.
  }
  throw new NearfieldError('CORRUPT', 'The catalog cannot be read', { received: describe(json) });
}

function toSchema(json: string): CollectionSchema {
  const schema = parsed<CollectionSchema>(json);
  if (isPlainObject(schema.fields) && isPlainObject(schema.vectors)) return schema;
  throw new NearfieldError('CORRUPT', 'The catalog has no whole schema', { received: describe(json) });
}

function toSpace(row: SpaceRow): StoredSpace {
  const { id, name } = row;
  const encoder = row.encoder === null ? undefined : parsed<EncoderIdentity>(row.encoder);
  if (row.kind === 'sparse') return { id, name, kind: 'sparse', encoder: encoder! };
  return { id, name, kind: 'dense', dimensions: row.dimensions!, metric: row.metric as Metric, encoder };
}
