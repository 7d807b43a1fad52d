import Database from 'better-sqlite3';
import { closeSync, openSync, statSync, unlinkSync } from 'node:fs';
import { NearfieldError } from '../errors/index.js';

/**
 * The lock that makes one process the writer: an exclusive SQLite lock on an empty file beside the database. The
 * operating system drops it when the process dies, however it dies. Taking it leaves readers of the database alone.
 */
export class FileLock {
  readonly #connection: Database.Database;

  private constructor(
    readonly path: string,
    connection: Database.Database,
  ) {
    this.#connection = connection;
  }

  /** Takes the lock or throws DATABASE_LOCKED at once. */
  static acquire(databasePath: string): FileLock {
    const path = `${databasePath}-lock`;
    for (;;) {
      closeSync(openSync(path, 'a'));
      const before = inodeOf(path);
      const connection = new Database(path, { timeout: 0 });
      try {
        connection.pragma('journal_mode = MEMORY');
        connection.exec('BEGIN EXCLUSIVE');
      } catch (cause) {
        connection.close();
        throw new NearfieldError('DATABASE_LOCKED', `Another writer has ${databasePath} open`, {}, { cause });
      }
      // A writer that closes removes its lock file. If that happened between the two lines above, what is locked here
      // has no name any more and would keep nobody out.
      if (before !== undefined && before === inodeOf(path)) return new FileLock(path, connection);
      connection.close();
    }
  }

  release(): void {
    removeQuietly(this.path);
    this.#connection.close();
    // Where an open file cannot be removed, it can be now.
    if (process.platform === 'win32') removeQuietly(this.path);
  }
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // The lock is the lock on the file, not the file: one that stays behind does no harm.
  }
}
