export { CommitWorker, WorkerEnded, serveTasks, type Reply } from './commit-worker.js';
