import { transferableSymbol, valueSymbol, workerData as piscinaData } from 'piscina';
import { RunGate } from '../../session/run-gate.js';
import { failedAnswer, type WorkerAnswer, type WorkerTask } from '../../session/session-workers.js';
import { packSpans } from './passage-answer.js';
import { SentenceModel, type SentenceModelData } from './sentence-model.js';

/** What to do with some texts: `embed` answers with their embeddings, `cut` with their passages (see passage-answer.ts). */
export interface TextTask {
  readonly kind: 'embed' | 'cut';
  readonly texts: readonly string[];
}

const data = piscinaData as SentenceModelData & { readonly gate: SharedArrayBuffer };
const gate = new RunGate(data.gate);

let loaded: Promise<SentenceModel> | undefined;

/** Entry of the worker thread: loads the model with the first task. */
export default async function run(task: WorkerTask<TextTask>): Promise<WorkerAnswer> {
  return (await gate.during(() => answer(task))) ?? { kind: 'cancelled' };
}

async function answer({ kind, texts, cancelled }: WorkerTask<TextTask>): Promise<WorkerAnswer> {
  try {
    loaded ??= SentenceModel.load(data);
    const model = await loaded.catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    const isCancelled = () => gate.stopping || Atomics.load(cancelled, 0) !== 0;
    const values = kind === 'cut' ? packSpans(model.cut(texts)) : await model.embed(texts, isCancelled);
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
