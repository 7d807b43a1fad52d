import type { SoundTask } from '../../session/sound-encoder.js';
import { taskWorker } from '../../session/task-worker.js';
import type { SpeechModelFiles } from './model-files.js';
import { SpeechModel } from './speech-model.js';

/** Entry of the worker thread. */
export default taskWorker<SpeechModelFiles, SpeechModel, SoundTask>(
  (data) => SpeechModel.load(data),
  (model, { sound }, isCancelled) => model.embed(sound, isCancelled),
);
