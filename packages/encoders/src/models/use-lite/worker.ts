import { transferableSymbol, valueSymbol, workerData as piscinaData } from 'piscina';
import { RunGate } from '../../session/run-gate.js';
import { failedAnswer, type WorkerAnswer, type WorkerTask } from '../../session/session-workers.js';
import { SentenceModel, type SentenceModelData } from './sentence-model.js';

export interface EmbedTask {
  readonly texts: readonly string[];
}

const data = piscinaData as SentenceModelData & { readonly gate: SharedArrayBuffer };
const gate = new RunGate(data.gate);

let loaded: Promise<SentenceModel> | undefined;

/** Entry of the worker thread: loads the model with the first task and embeds the texts of each. */
export default async function embed(task: WorkerTask<EmbedTask>): Promise<WorkerAnswer> {
  return (await gate.during(() => answer(task))) ?? { kind: 'cancelled' };
}

async function answer({ texts, cancelled }: WorkerTask<EmbedTask>): Promise<WorkerAnswer> {
  try {
    loaded ??= SentenceModel.load(data);
    const model = await loaded.catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    const values = await model.embed(texts, () => gate.stopping || Atomics.load(cancelled, 0) !== 0);
    if (values === undefined) return { kind: 'cancelled' };
    return transferred({ kind: 'values', values }, values);
  } catch (error) {
    return failedAnswer(error);
  }
}

/** Hands the memory of the values over instead of copying it (Piscina's protocol for transferable results). */
function transferred(answer: WorkerAnswer, values: Float32Array): WorkerAnswer {
  return Object.assign(answer, { [transferableSymbol]: values.buffer, [valueSymbol]: { ...answer } });
}
