import { SqliteError } from 'better-sqlite3';
import { NearfieldError, type ErrorCode } from '../errors/index.js';

const CODES: readonly [prefix: string, code: ErrorCode, what: string][] = [
  ['SQLITE_FULL', 'STORAGE_FULL', 'The disk or the quota is full'],
  ['SQLITE_NOTADB', 'NOT_A_DATABASE', 'The file is not an SQLite database'],
  ['SQLITE_CORRUPT', 'CORRUPT', 'The database file is damaged'],
  ['SQLITE_BUSY', 'DATABASE_LOCKED', 'Another connection holds the database'],
  ['SQLITE_LOCKED', 'DATABASE_LOCKED', 'Another connection holds the database'],
  // Our own statements only fail to compile when a table is not there or not as it was created.
  ['SQLITE_ERROR', 'CORRUPT', 'The tables of the database are not as they should be'],
  ['SQLITE_NOMEM', 'MEMORY_EXHAUSTED', 'SQLite is out of memory'],
  ['SQLITE_READONLY', 'STORAGE_FAILED', 'The database file cannot be written'],
  ['SQLITE_CANTOPEN', 'STORAGE_FAILED', 'The database file cannot be opened'],
  ['SQLITE_IOERR', 'STORAGE_FAILED', 'Reading or writing the database file failed'],
  ['', 'STORAGE_FAILED', 'SQLite refused the operation'],
];

/** Runs `work` and gives SQLite's own errors a Nearfield code; they stay attached as the cause. */
export function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translated(error);
  }
}

export function translated(error: unknown): unknown {
  if (isBusy(error)) {
    return new NearfieldError(
      'DATABASE_LOCKED',
      'A statement of the app is still running on `db.sql`',
      { remedy: 'Read its rows with `all()`, or end the iteration first.' },
      { cause: error },
    );
  }
  if (!(error instanceof SqliteError)) return error;
  for (const [prefix, code, what] of CODES) {
    if (error.code.startsWith(prefix)) return new NearfieldError(code, what, { sqlite: error.code }, { cause: error });
  }
  return error;
}

/** What better-sqlite3 throws, without a code, while rows of a statement are being iterated. */
function isBusy(error: unknown): boolean {
  return error instanceof TypeError && error.message.startsWith('This database connection is busy');
}
