import { NearfieldError } from '@nearfield/engine/encoder';
import { transferableSymbol, valueSymbol, workerData as piscinaData } from 'piscina';
import { RunGate } from './run-gate.js';
import type { WorkerAnswer, WorkerTask } from './session-workers.js';

export interface ImageTask {
  /** What the encoder's `prepare` gave for each image, one after the other, in shared memory. */
  readonly pixels: Uint8Array;
  readonly images: number;
}

/** A model that embeds images that are prepared. */
export interface ImageModel {
  /** Embeddings of shape [images, dimensions], or undefined once `isCancelled` says so, which is asked between runs. */
  embed(pixels: Uint8Array, images: number, isCancelled: () => boolean): Promise<Float32Array | undefined>;
}

/** What a worker's module exports by default: loads the model with the first task and embeds the images of each. */
export function imageWorker<Data>(
  load: (data: Data) => Promise<ImageModel>,
): (task: WorkerTask<ImageTask>) => Promise<WorkerAnswer> {
  const data = piscinaData as Data & { readonly gate: SharedArrayBuffer };
  const gate = new RunGate(data.gate);
  let loaded: Promise<ImageModel> | undefined;

  async function answer({ pixels, images, cancelled }: WorkerTask<ImageTask>): Promise<WorkerAnswer> {
    try {
      loaded ??= load(data);
      const model = await loaded.catch((error: unknown) => {
        loaded = undefined;
        throw error;
      });
      const values = await model.embed(pixels, images, () => gate.stopping || Atomics.load(cancelled, 0) !== 0);
      return values === undefined ? { kind: 'cancelled' } : transferred({ kind: 'values', values }, values);
    } catch (error) {
      // An error loses its code on the way between threads.
      const code = error instanceof NearfieldError ? error.code : 'ENCODER_FAILED';
      return { kind: 'failed', code, message: error instanceof Error ? error.message : String(error) };
    }
  }
  return async (task) => (await gate.during(() => answer(task))) ?? { kind: 'cancelled' };
}

/** Hands the memory of the values over instead of copying it (Piscina's protocol for transferable results). */
function transferred(answer: WorkerAnswer, values: Float32Array): WorkerAnswer {
  return Object.assign(answer, { [transferableSymbol]: values.buffer, [valueSymbol]: { ...answer } });
}
