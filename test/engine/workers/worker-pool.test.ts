import { threadId } from 'node:worker_threads';
import t from 'tap';
import { WorkerPool } from '@nearfield/engine/internals/workers/worker-pool';

interface Task {
  readonly kind: 'meet' | 'throw';
  readonly arrived: Int32Array;
}

interface Result {
  readonly threadId: number;
  readonly data: unknown;
}

const MODULE = new URL('./meeting-thread.mjs', import.meta.url);

t.test('tasks run in several threads at the same time, none of them the one that calls', async (t) => {
  const pool = new WorkerPool<Task, Result>(MODULE, 2, () => ({ secret: 7 }), 1000);
  t.teardown(() => pool.close());
  const arrived = new Int32Array(new SharedArrayBuffer(4));
  const answers = await Promise.all([1, 2].map(() => pool.run({ kind: 'meet', arrived })));
  const results = answers.flatMap((answer) => (answer.kind === 'done' ? [answer.result] : []));
  t.same(
    results.map(({ data }) => data),
    [{ secret: 7 }, { secret: 7 }],
  );
  t.equal(new Set([threadId, ...results.map((result) => result.threadId)]).size, 3);
  await t.rejects(pool.run({ kind: 'throw', arrived }), { message: 'out of order' });
});
