import t from 'tap';
import { CommitWorker } from '@nearfield/engine/internals/workers/commit-worker';

type Task = Float64Array | 'throw' | 'exit';

function doubling() {
  const worker = new CommitWorker<Task, Float64Array>(new URL('./doubling-thread.mjs', import.meta.url), { factor: 2 });
  t.teardown(() => worker.close());
  return worker;
}

t.test('a thread answers task after task, and takes memory over', async (t) => {
  const worker = doubling();
  for (let value = 0; value < 20; value++) {
    const values = Float64Array.of(value, 1);
    t.same(await worker.run(values, [values.buffer]), Float64Array.of(2 * value, 2));
    t.equal(values.length, 0);
  }
});

t.test('a thread that ends fails its task alone, with the cause, and another one follows', async (t) => {
  const worker = doubling();
  for (const task of ['throw', 'exit'] as const) {
    await t.rejects(worker.run(task), { name: 'WorkerEnded' });
    t.same(await worker.run(Float64Array.of(2)), Float64Array.of(4));
  }
  await t.rejects(worker.run('throw'), { cause: { message: 'out of order' } });
  await t.rejects(worker.run('exit'), { message: /code 3/ });
});

t.test('a task that cannot be sent fails, and the thread goes on', async (t) => {
  const worker = doubling();
  await t.rejects(worker.run((() => undefined) as never), { name: 'DataCloneError' });
  t.same(await worker.run(Float64Array.of(2)), Float64Array.of(4));
});

t.test('closing waits for the thread, which need not have started, and may be repeated', async (t) => {
  const worker = doubling();
  await worker.close();
  await worker.run(Float64Array.of(1));
  await worker.close();
  await worker.close();
  t.same(await worker.run(Float64Array.of(2)), Float64Array.of(4), 'a later task starts another one');
});
