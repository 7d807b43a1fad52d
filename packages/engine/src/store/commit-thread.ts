import Database from 'better-sqlite3';
import { serveTasks } from '../workers/index.js';
import type { CommitAnswer, CommitTask, CommitThreadData } from './commit-task.js';
import { CommitWriter } from './commit-writer.js';
import { buffersOf } from './packed-bytes.js';

serveTasks<CommitThreadData, CommitTask, CommitAnswer>((data) => {
  let writer: CommitWriter | undefined;
  const perform = (task: CommitTask): CommitAnswer => {
    writer ??= new CommitWriter(connect(data));
    if (task.kind === 'checkpoint') {
      writer.sql.pragma('wal_checkpoint(PASSIVE)');
      return { kind: 'checkpointed' };
    }
    // A connection has a limit of its own; the one that the app set on its handle is meant for the file.
    writer.sql.pragma(`max_page_count = ${task.maxPages}`);
    const outcome = writer.commit(task.request);
    return { kind: 'settled', outcome, walPages: walPages(writer.sql) };
  };
  return {
    run(task) {
      try {
        const answer = perform(task);
        return { answer, transfer: buffersIn(answer) };
      } catch (error) {
        return { answer: { kind: 'failed', ...plain(error) }, transfer: [] };
      }
    },
    close: () => writer?.sql.close(),
  };
});

function connect({ path, synchronous }: CommitThreadData): Database.Database {
  const sql = new Database(path, { fileMustExist: true, timeout: 5000 });
  sql.pragma(`synchronous = ${synchronous}`);
  sql.pragma('foreign_keys = ON');
  // A checkpoint right behind a commit would find the snapshot in its way that the main thread holds until it shows the
  // commit, and the log would never start anew.
  sql.pragma('wal_autocheckpoint = 0');
  return sql;
}

/** Pages in the write-ahead log that are not in the file yet; a checkpoint of kind NOOP only counts. */
function walPages(sql: Database.Database): number {
  const [{ log, checkpointed }] = sql.pragma('wal_checkpoint(NOOP)') as { log: number; checkpointed: number }[];
  return log - checkpointed;
}

function buffersIn(answer: CommitAnswer): ArrayBuffer[] {
  if (answer.kind !== 'settled' || answer.outcome.kind !== 'committed') return [];
  const { keys, removedKeys, removedVectors } = answer.outcome;
  return [keys.buffer, removedKeys.buffer, ...removedVectors.flatMap(({ vectors }) => buffersOf(vectors))];
}

/** An error as it can go to another thread, which would lose the code. */
function plain(error: unknown): { message: string; code: string | undefined } {
  const { message, code } = error as { message?: unknown; code?: unknown };
  return { message: String(message ?? error), code: typeof code === 'string' ? code : undefined };
}
