import { serveTasks } from '../workers/index.js';
import { CommitConnection } from './commit-connection.js';
import { keepObserved } from './observed-store.js';
import type { CommitAnswer, CommitTask, CommitThreadData } from './commit-task.js';
import { buffersOf } from './packed-bytes.js';

serveTasks<CommitThreadData, CommitTask, CommitAnswer>((data) => {
  let connection: CommitConnection | undefined;
  const perform = (task: CommitTask): CommitAnswer => {
    connection ??= new CommitConnection(data);
    switch (task.kind) {
      case 'commit':
        return connection.commit(task);
      case 'observe':
        keepObserved(connection.sql, task);
        return { kind: 'observed' };
      case 'checkpoint':
        connection.checkpoint();
        return { kind: 'checkpointed' };
      default:
        return task satisfies never;
    }
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
    close: () => connection?.sql.close(),
  };
});

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
