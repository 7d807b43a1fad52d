import { packSpans } from '../../preprocess/text/passage-answer.js';
import { taskWorker } from '../../session/task-worker.js';
import { TextModel, type TextModelData } from './text-model.js';

/** What to do with some texts: `embed` answers with their embeddings, `cut` with their passages (see passage-answer.ts). */
export interface TextTask {
  readonly kind: 'embed' | 'cut';
  readonly texts: readonly string[];
  /** Goes before each text, and takes its part of the window. */
  readonly prompt: string;
}

export default taskWorker<TextModelData, TextModel, TextTask>(
  (data) => TextModel.load(data),
  async (model, { kind, texts, prompt }, isCancelled) =>
    kind === 'cut' ? packSpans(model.cut(texts, prompt)) : model.embed(texts, prompt, isCancelled),
);
