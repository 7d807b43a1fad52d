import Database, { SqliteError } from 'better-sqlite3';
import { NearfieldError } from '../errors/index.js';
import type { Steps } from '../indexes/index.js';
import { CommitWorker, WorkerEnded, atOnce, inSteps } from '../workers/index.js';
import type { CommitOutcome, CommitRequest } from './commit-request.js';
import type { CommitAnswer, CommitTask, CommitThreadData } from './commit-task.js';
import { CommitTurns } from './commit-turns.js';
import { CommitWriter } from './commit-writer.js';
import { keepObserved, type Observed } from './observed-store.js';
import { InterruptedCommit } from './interrupted-commit.js';
import { buffersOf } from './packed-bytes.js';
import { ReadSnapshot } from './read-snapshot.js';
import { guarded, translated } from './sqlite-errors.js';
import { BUSY_TIMEOUT_MS, refuseInTransaction } from './transaction.js';

/** Pages in the write-ahead log from which on a checkpoint is due, as by default in SQLite. */
const CHECKPOINT_PAGES = 1000;

/** Makes the commits of a database, one after the other. */
export abstract class Committer {
  readonly #turns = new CommitTurns();

  /** Runs `work` behind all that asked before, with no commit of others beside it. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take(work);
  }

  /**
   * Commits; to be called in turn. `read` makes of the outcome what `show` is called with, in slices if it can be, and
   * `show` is called in the same turn of the event loop in which Nearfield's own reads begin to see the commit. Throws
   * DATABASE_LOCKED, STORAGE_FULL, STORAGE_FAILED, and what `read` throws.
   */
  abstract commit<T>(
    request: CommitRequest,
    read: (outcome: CommitOutcome) => Steps<T>,
    show: (commit: T) => void,
  ): Promise<T>;

  /** Keeps what was observed of a space's recall, in a transaction of its own. To be called in turn. */
  abstract observe(observed: Observed): Promise<void>;

  /** Behind the last commit. */
  abstract close(): Promise<void>;
}

/** Commits on the calling thread: a database in memory has one connection only. */
export class InlineCommitter extends Committer {
  readonly #writer: CommitWriter;

  constructor(sql: Database.Database) {
    super();
    this.#writer = new CommitWriter(sql);
  }

  async commit<T>(
    request: CommitRequest,
    read: (outcome: CommitOutcome) => Steps<T>,
    show: (commit: T) => void,
  ): Promise<T> {
    refuseInTransaction(this.#writer.sql);
    // At once: the reads, which are by the same connection, see the commit already.
    const commit = atOnce(read(guarded(() => this.#writer.commit(request))));
    show(commit);
    return commit;
  }

  async observe(observed: Observed): Promise<void> {
    refuseInTransaction(this.#writer.sql);
    guarded(() => keepObserved(this.#writer.sql, observed));
  }

  async close(): Promise<void> {}
}

/**
 * Commits in a thread with a connection of its own, so that neither the inserts nor the waiting for the disk hold the
 * event loop.
 *
 * Between the thread's COMMIT and its news the file is ahead of the segment in memory. Nearfield's reads must not see
 * that: a hit whose score belongs to one version would come with the record of the next, or with none. So a read snapshot
 * from before the commit is held until the commit is shown, and given up in that very turn of the event loop. The other
 * way, to repeat a read that met a version too new, would make every read asynchronous and each caller judge versions.
 */
export class ThreadCommitter extends Committer {
  readonly #worker: CommitWorker<CommitTask, CommitAnswer>;
  readonly #snapshot: ReadSnapshot;
  readonly #maxPages: Database.Statement;
  #checkpointDue = false;

  /**
   * @param app the app's connection, whose transactions and limits count
   * @param reader the connection of Nearfield's own reads
   */
  constructor(
    readonly data: CommitThreadData,
    readonly app: Database.Database,
    readonly reader: Database.Database,
  ) {
    super();
    this.#worker = new CommitWorker(new URL('./commit-thread.js', import.meta.url), data);
    this.#snapshot = new ReadSnapshot(reader);
    this.#maxPages = app.prepare('PRAGMA max_page_count').pluck();
  }

  async commit<T>(
    request: CommitRequest,
    read: (outcome: CommitOutcome) => Steps<T>,
    show: (commit: T) => void,
  ): Promise<T> {
    refuseInTransaction(this.app);
    let commit: T;
    try {
      guarded(() => this.#snapshot.hold());
      const outcome = await this.#settled(request);
      commit = await inSteps(read(outcome));
    } finally {
      this.#snapshot.release();
    }
    // No await in between: what the reads see now is shown now.
    show(commit);
    return commit;
  }

  async observe(observed: Observed): Promise<void> {
    const answer = await this.#worker.run({ kind: 'observe', ...observed });
    if (answer.kind === 'failed') throw failure(answer);
  }

  close(): Promise<void> {
    return this.inTurn(() => this.#worker.close());
  }

  async #settled(request: CommitRequest): Promise<CommitOutcome> {
    const maxPages = guarded(() => this.#maxPages.get() as number);
    let answer: CommitAnswer;
    try {
      answer = await this.#worker.run({ kind: 'commit', request, maxPages }, buffersIn(request));
    } catch (error) {
      if (error instanceof WorkerEnded) return this.#outcomeOf(request, error);
      throw error;
    }
    switch (answer.kind) {
      case 'settled':
        if (answer.walPages >= CHECKPOINT_PAGES) this.#checkpointLater();
        return answer.outcome;
      case 'failed':
        throw failure(answer);
      case 'observed':
      case 'checkpointed':
        throw new TypeError('The thread answered another task');
      default: {
        const other: never = answer;
        throw new TypeError(`Unknown answer ${JSON.stringify(other)}`);
      }
    }
  }

  /** What became of a commit whose thread has ended. */
  #outcomeOf(request: CommitRequest, cause: WorkerEnded): CommitOutcome {
    const outcome = guarded(() => {
      // The other connections may each be in a transaction, which shows an older state.
      const latest = new Database(this.data.path, { fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
      try {
        return new InterruptedCommit(this.reader, request).outcome(latest);
      } finally {
        latest.close();
      }
    });
    if (outcome !== undefined) return outcome;
    throw new NearfieldError(
      'STORAGE_FAILED',
      'The thread that commits ended unexpectedly',
      { remedy: 'Repeat the write; nothing was changed.' },
      { cause: cause.cause ?? cause },
    );
  }

  /** In a turn of its own, when no snapshot keeps the log from starting anew, and no caller waits for it. */
  #checkpointLater(): void {
    if (this.#checkpointDue) return;
    this.#checkpointDue = true;
    const checkpoint = this.inTurn(() => this.#worker.run({ kind: 'checkpoint' }));
    // One that fails has lost nothing, and the next commit asks again.
    const settled = (): void => void (this.#checkpointDue = false);
    checkpoint.then(settled, settled);
  }
}

function buffersIn({ chunks }: CommitRequest): ArrayBuffer[] {
  return chunks.flatMap(({ payloads, vectors, passages }) => [
    ...buffersOf(payloads),
    ...[...vectors, ...passages].flatMap((packed) => buffersOf(packed.vectors)),
  ]);
}

/** What the thread met, as if it had been met here. */
function failure({ message, code }: { message: string; code: string | undefined }): unknown {
  if (code?.startsWith('SQLITE_')) return translated(new SqliteError(message, code));
  const cause = new Error(message);
  return new NearfieldError('STORAGE_FAILED', 'The thread that commits met an error', {}, { cause });
}
