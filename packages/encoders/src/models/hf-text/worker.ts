import { taskWorker } from '../../session/task-worker.js';
import { TextModel, type TextModelData } from './text-model.js';

export interface EmbedTask {
  readonly texts: readonly string[];
  /** Goes before each text. */
  readonly prompt: string;
}

export default taskWorker<TextModelData, TextModel, EmbedTask>(
  (data) => TextModel.load(data),
  (model, { texts, prompt }, isCancelled) => model.embed(texts, prompt, isCancelled),
);
