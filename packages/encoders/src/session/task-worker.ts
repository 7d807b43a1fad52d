import { transferableSymbol, valueSymbol, workerData as piscinaData } from 'piscina';
import { RunGate } from './run-gate.js';
import { failedAnswer, type WorkerAnswer, type WorkerTask } from './session-workers.js';

/**
 * What the module of a worker thread exports by default: it loads the model with the first task, from the data that
 * `SessionWorkers` was given and `threads`, and answers each task.
 *
 * @param run the answer to a task, or undefined once `isCancelled` says so, to be asked between batches
 */
export function taskWorker<Data extends object, Model, Task extends object>(
  load: (data: Data & { readonly threads: number }) => Promise<Model>,
  run: (model: Model, task: Task, isCancelled: () => boolean) => Promise<Float32Array | undefined>,
): (task: WorkerTask<Task>) => Promise<WorkerAnswer> {
  const data = piscinaData as Data & { readonly threads: number; readonly gate: SharedArrayBuffer };
  const gate = new RunGate(data.gate);
  let loaded: Promise<Model> | undefined;

  async function answer(task: WorkerTask<Task>): Promise<WorkerAnswer> {
    try {
      loaded ??= load(data);
      const model = await loaded.catch((error: unknown) => {
        loaded = undefined;
        throw error;
      });
      const values = await run(model, task, () => gate.stopping || Atomics.load(task.cancelled, 0) !== 0);
      return values === undefined ? { kind: 'cancelled' } : transferred({ kind: 'values', values }, values);
    } catch (error) {
      return failedAnswer(error);
    }
  }
  return async (task) => (await gate.during(() => answer(task))) ?? { kind: 'cancelled' };
}

/** Hands the memory of the values over instead of copying it (Piscina's protocol for transferable results). */
function transferred(answer: WorkerAnswer, values: Float32Array): WorkerAnswer {
  return Object.assign(answer, { [transferableSymbol]: values.buffer, [valueSymbol]: { ...answer } });
}
