import type Database from 'better-sqlite3';
import { NearfieldError } from '../errors/index.js';
import { guarded } from './sqlite-errors.js';

/** How long a connection waits for a transaction of another one, in milliseconds, before it gives up. */
export const BUSY_TIMEOUT_MS = 5000;

/** Runs `work` in a transaction: all of it or nothing, and durable on return. Throws DATABASE_LOCKED as below. */
export function transact<T>(sql: Database.Database, work: () => T): T {
  refuseInTransaction(sql);
  return guarded(() => sql.transaction(work).immediate());
}

/**
 * Throws DATABASE_LOCKED inside a transaction of the app, which could still be rolled back behind the back of everyone who
 * has been told that the change is durable.
 */
export function refuseInTransaction(sql: Database.Database): void {
  if (!sql.inTransaction) return;
  throw new NearfieldError('DATABASE_LOCKED', 'A transaction of the app is open on `db.sql`', {
    remedy: 'Commit it or roll it back first.',
  });
}
