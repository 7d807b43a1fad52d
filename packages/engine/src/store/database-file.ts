import Database from 'better-sqlite3';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { NearfieldError, describe } from '../errors/index.js';
import { InlineCommitter, ThreadCommitter, type Committer } from './committer.js';
import { FileLock } from './file-lock.js';
import { migrate } from './migrations.js';
import { guarded, translated } from './sqlite-errors.js';
import { BUSY_TIMEOUT_MS } from './transaction.js';

export type Durability = 'full' | 'relaxed';

export interface DatabaseFileOptions {
  readonly readOnly: boolean;
  readonly durability: Durability;
}

/** Pages that a backup copies in one turn of the event loop. */
const BACKUP_PAGES = 100;

/**
 * Pages in the write-ahead log from which on a write of the app or of the catalog makes a checkpoint, on the main thread.
 * The thread that commits makes its own much earlier; this one bounds the log of an app that writes to its tables alone.
 */
const APP_CHECKPOINT_PAGES = 8000;

/** The path of a database that lives in memory only. */
export const IN_MEMORY = ':memory:';

/** The open SQLite file: its connections, and the writer's lock. */
export class DatabaseFile {
  /**
   * @param sql the app's connection, which also writes the catalog
   * @param reader Nearfield's own reads: the same one in memory and for a read-only opener
   */
  private constructor(
    readonly path: string,
    readonly sql: Database.Database,
    readonly reader: Database.Database,
    readonly committer: Committer,
    readonly lock: FileLock | undefined,
  ) {}

  static open(path: string, options: DatabaseFileOptions): DatabaseFile {
    const file = path === IN_MEMORY ? path : resolvePath(path);
    if (options.readOnly && (file === IN_MEMORY || !existsSync(file))) {
      throw new NearfieldError('DATABASE_NOT_FOUND', `There is no database at ${path}`);
    }
    const lock = options.readOnly || file === IN_MEMORY ? undefined : guarded(() => FileLock.acquire(file));
    let sql: Database.Database | undefined;
    let reader: Database.Database | undefined;
    try {
      sql = guarded(() => connect(file, options.readOnly));
      guarded(() => prepare(sql!, path, options));
      if (lock === undefined) return new DatabaseFile(file, sql, sql, new InlineCommitter(sql), lock);
      reader = guarded(() => connect(file, false));
      reader.pragma('wal_autocheckpoint = 0');
      const data = { path: file, synchronous: synchronous(options.durability) };
      return new DatabaseFile(file, sql, reader, new ThreadCommitter(data, sql, reader), lock);
    } catch (error) {
      reader?.close();
      sql?.close();
      lock?.release();
      throw error;
    }
  }

  /** Copies the whole file, with its pages reported; others read and write meanwhile. An error that `report` throws ends it. */
  async backup(path: string, report: (done: number, total: number) => void): Promise<void> {
    const folder = dirname(resolve(path));
    if (!existsSync(folder)) {
      throw new NearfieldError('STORAGE_FAILED', `The folder of ${path} does not exist`, {
        remedy: 'Create the folder first.',
      });
    }
    const target = resolvePath(path);
    if (isSameFile(target, this.path)) {
      throw new NearfieldError('INVALID_ARGUMENT', 'A backup goes to another file', { received: describe(path) });
    }
    // Or the pages under another writer's feet would be exchanged.
    const lock = guarded(() => FileLock.acquire(target));
    let source: Database.Database | undefined;
    try {
      source = this.#backupSource();
      await source.backup(target, {
        progress: ({ totalPages, remainingPages }) => {
          report(totalPages - remainingPages, totalPages);
          return BACKUP_PAGES;
        },
      });
    } catch (error) {
      throw translated(error);
    } finally {
      if (source !== this.sql) source?.close();
      lock.release();
    }
  }

  /** Throws DATABASE_LOCKED, and can be repeated, while a statement of the app runs. Writes have ended by now. */
  async close(): Promise<void> {
    guarded(() => this.sql.close());
    this.reader.close();
    // The last connection to close brings the whole log into the file: that of the thread, off the event loop.
    await this.committer.close();
    this.lock?.release();
  }

  /** A connection that holds a snapshot: SQLite begins a backup anew whenever another connection commits. */
  #backupSource(): Database.Database {
    if (this.path === IN_MEMORY) return this.sql;
    const source = connect(this.path, true);
    source.exec('BEGIN');
    source.prepare('SELECT 1 FROM nf_collections LIMIT 1').get();
    return source;
  }
}

/**
 * A reader's connection could write but refuses to: the last connection to close removes SQLite's -wal and -shm, which one
 * that cannot write would leave behind.
 */
function connect(file: string, readOnly: boolean): Database.Database {
  const sql = new Database(file, { fileMustExist: readOnly, timeout: BUSY_TIMEOUT_MS });
  if (readOnly) sql.pragma('query_only = ON');
  return sql;
}

function prepare(sql: Database.Database, path: string, { readOnly, durability }: DatabaseFileOptions): void {
  // A vector of a few hundred dimensions fills most of a default page and wastes the rest.
  if (!readOnly) sql.pragma('page_size = 16384');
  // So that the file can shrink a little at a time when segments were rewritten; only heeded while it is empty.
  if (!readOnly) sql.pragma('auto_vacuum = INCREMENTAL');
  migrate(sql, path, readOnly);
  if (!readOnly) sql.pragma('journal_mode = WAL');
  sql.pragma(`synchronous = ${synchronous(durability)}`);
  sql.pragma('foreign_keys = ON');
  if (!readOnly) sql.pragma(`wal_autocheckpoint = ${APP_CHECKPOINT_PAGES}`);
}

function synchronous(durability: Durability): 'FULL' | 'NORMAL' {
  return durability === 'full' ? 'FULL' : 'NORMAL';
}

/** Whether two paths, resolved, lead to one file: the same name, or a hard link. */
function isSameFile(a: string, b: string): boolean {
  if (a === b) return true;
  if (!existsSync(a) || !existsSync(b)) return false;
  const [first, second] = [statSync(a, { bigint: true }), statSync(b, { bigint: true })];
  return first.ino === second.ino && first.dev === second.dev;
}

/** The path that every opener of the same file agrees on, symbolic links resolved. */
function resolvePath(path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) return realpathSync(absolute);
  const folder = dirname(absolute);
  if (!existsSync(folder)) {
    throw new NearfieldError('DATABASE_NOT_FOUND', `The folder of ${path} does not exist`, {
      remedy: 'Create the folder first.',
    });
  }
  return join(realpathSync(folder), basename(absolute));
}
