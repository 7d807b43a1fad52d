export { giveWay, turnEventLoop } from './event-loop.js';
export { atOnce, inSteps } from './steps.js';
export { lateAfter } from './late-after.js';
export { runInBackground } from './background-priority.js';
export { CommitWorker, WorkerEnded, serveTasks, type Reply } from './commit-worker.js';
export { WorkerPool, poolData, type TaskAnswer } from './worker-pool.js';
