import type Database from 'better-sqlite3';
import { guarded } from './sqlite-errors.js';

/** What was observed of the recall of a space. It is no part of the data: without it, what was measured with the graphs holds. */
export interface Observed {
  readonly space: number;
  /** JSON. */
  readonly observed: string;
}

/** Puts it in the place of what was kept before; nothing where the space has been dropped. Throws SQLite's own errors. */
export function keepObserved(sql: Database.Database, { space, observed }: Observed): void {
  sql
    .prepare('INSERT OR REPLACE INTO nf_recall (vector, observed) SELECT id, ? FROM nf_vectors WHERE id = ?')
    .run(observed, space);
}

/** What was kept of a space; undefined where that is nothing, or is no JSON object. */
export function readObserved(sql: Database.Database, space: number): object | undefined {
  const json = guarded(() => sql.prepare('SELECT observed FROM nf_recall WHERE vector = ?').pluck().get(space));
  try {
    const value: unknown = JSON.parse(json as string);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
