import Database, { SqliteError } from 'better-sqlite3';
import { statSync, unlinkSync } from 'node:fs';
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
      // Only SQLite may open the file, which it creates: a process that closes any descriptor of a file loses all its
      // POSIX locks on it, so a second opener in the process of the writer would take the writer's lock away.
      const before = inodeOf(path);
      const connection = new Database(path, { timeout: 0 });
      try {
        connection.pragma('journal_mode = MEMORY');
        connection.exec('BEGIN EXCLUSIVE');
      } catch (cause) {
        connection.close();
        if (!(cause instanceof SqliteError && cause.code.startsWith('SQLITE_BUSY'))) throw cause;
        throw new NearfieldError('DATABASE_LOCKED', `Another writer has ${databasePath} open`, {}, { cause });
      }
      // A writer that closes removes its lock file. If that happened between the two lines above, what is locked here
      // has no name any more and would keep nobody out. A file that this opener created is locked anew for the same reason.
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
  try {
    return statSync(path, { bigint: true }).ino;
  } catch {
    return undefined;
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // The lock is the lock on the file, not the file: one that stays behind does no harm.
  }
}
