import { transferableSymbol, valueSymbol, workerData as piscinaData } from 'piscina';
import type { MediaSource } from '@nearfield/engine/encoder';
import { RunGate } from './run-gate.js';
import { failedAnswer, type WorkerAnswer, type WorkerTask } from './session-workers.js';

export interface SoundTask {
  /** A `file:` URL as its text. */
  readonly sound: string | Uint8Array;
}

/** A model that reads a sound as it is decoded. */
export interface SoundModel {
  /** The embedding, or undefined once `isCancelled` says so, which is asked between pieces. Throws UNREADABLE_MEDIA. */
  embed(source: MediaSource, isCancelled: () => boolean): Promise<Float32Array | undefined>;
}

/** What a worker's module exports by default: loads the model with the first task and embeds the sound of each. */
export function soundWorker<Data>(
  load: (data: Data) => Promise<SoundModel>,
): (task: WorkerTask<SoundTask>) => Promise<WorkerAnswer> {
  const data = piscinaData as Data & { readonly gate: SharedArrayBuffer };
  const gate = new RunGate(data.gate);
  let loaded: Promise<SoundModel> | undefined;

  async function answer({ sound, cancelled }: WorkerTask<SoundTask>): Promise<WorkerAnswer> {
    try {
      loaded ??= load(data);
      const model = await loaded.catch((error: unknown) => {
        loaded = undefined;
        throw error;
      });
      const values = await model.embed(sound, () => gate.stopping || Atomics.load(cancelled, 0) !== 0);
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
