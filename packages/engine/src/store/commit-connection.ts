import Database from 'better-sqlite3';
import type { CommitAnswer, CommitTask, CommitThreadData } from './commit-task.js';
import { CommitWriter } from './commit-writer.js';
import { BUSY_TIMEOUT_MS } from './transaction.js';

/** The connection of the thread that commits. */
export class CommitConnection {
  readonly sql: Database.Database;
  readonly #writer: CommitWriter;
  readonly #walState: Database.Statement;
  #maxPages: number | undefined;

  constructor({ path, synchronous }: CommitThreadData) {
    this.sql = new Database(path, { fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    this.sql.pragma(`synchronous = ${synchronous}`);
    this.sql.pragma('foreign_keys = ON');
    // A checkpoint right behind a commit would find the snapshot in its way that the main thread holds until it shows the
    // commit, and the log would never start anew.
    this.sql.pragma('wal_autocheckpoint = 0');
    this.#writer = new CommitWriter(this.sql);
    this.#walState = this.sql.prepare('PRAGMA wal_checkpoint(NOOP)');
  }

  commit({ request, maxPages }: Extract<CommitTask, { kind: 'commit' }>): CommitAnswer {
    // A connection has a limit of its own; the one that the app set on its handle is meant for the file.
    if (maxPages !== this.#maxPages) this.sql.pragma(`max_page_count = ${maxPages}`);
    this.#maxPages = maxPages;
    const outcome = this.#writer.commit(request);
    return { kind: 'settled', outcome, walPages: this.#walPages() };
  }

  checkpoint(): void {
    this.sql.pragma('wal_checkpoint(PASSIVE)');
  }

  /** Pages in the write-ahead log that are not in the file yet. */
  #walPages(): number {
    const { log, checkpointed } = this.#walState.get() as { log: number; checkpointed: number };
    return log - checkpointed;
  }
}
