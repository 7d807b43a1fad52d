// A task that waits for another one: both end only if they run at the same time. 'throw' fails.
import { threadId } from 'node:worker_threads';
import { poolData } from '@nearfield/engine/internals/workers/worker-pool';

export default ({ kind, arrived }) => {
  if (kind === 'throw') throw new Error('out of order');
  Atomics.add(arrived, 0, 1);
  Atomics.notify(arrived, 0);
  if (Atomics.load(arrived, 0) === 1) Atomics.wait(arrived, 0, 1);
  return { kind: 'done', result: { threadId, data: poolData() } };
};
