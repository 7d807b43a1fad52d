import { packSpans } from '../../preprocess/text/passage-answer.js';
import { taskWorker } from '../../session/task-worker.js';
import { SentenceModel, type SentenceModelData } from './sentence-model.js';

/** What to do with some texts: `embed` answers with their embeddings, `cut` with their passages (see passage-answer.ts). */
export interface TextTask {
  readonly kind: 'embed' | 'cut';
  readonly texts: readonly string[];
}

export default taskWorker<Omit<SentenceModelData, 'threads'>, SentenceModel, TextTask>(
  (data) => SentenceModel.load(data),
  async (model, { kind, texts }, isCancelled) =>
    kind === 'cut' ? packSpans(model.cut(texts)) : model.embed(texts, isCancelled),
);
