import { taskWorker } from '../../session/task-worker.js';
import type { WorkerAnswer, WorkerTask } from '../../session/session-workers.js';
import { OpenTowers } from './open-tower.js';
import { TextTower, type TextTask } from './text-tower.js';

/** Embeds the images or sounds of a task; undefined once `isCancelled` says so, which is asked between batches. */
export type EmbedMedia<Task> = (
  task: Task,
  towers: OpenTowers,
  isCancelled: () => boolean,
) => Promise<Float32Array | undefined>;

/** The entry of a worker thread, for texts and for what `embedMedia` takes. Tasks say which files they need. */
export function mediaWorker<Task extends { readonly kind: string }>(
  embedMedia: EmbedMedia<Task>,
): (task: WorkerTask<Task | TextTask>) => Promise<WorkerAnswer> {
  return taskWorker(
    async ({ threads }) => {
      const towers = new OpenTowers(threads);
      return { towers, texts: new TextTower(towers) };
    },
    async ({ towers, texts }, task: Task | TextTask, isCancelled) => {
      if (isCancelled()) return undefined;
      return isTextTask(task) ? texts.embed(task) : embedMedia(task, towers, isCancelled);
    },
  );
}

function isTextTask(task: { readonly kind: string }): task is TextTask {
  return task.kind === 'texts';
}
