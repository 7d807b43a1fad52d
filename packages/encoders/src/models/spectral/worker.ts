import type { SoundTask } from '../../session/sound-encoder.js';
import { taskWorker } from '../../session/task-worker.js';
import { SpectralModel } from './spectral-model.js';

/** Entry of the worker thread. */
export default taskWorker<object, SpectralModel, SoundTask>(
  async () => new SpectralModel(),
  (model, { sound }, isCancelled) => model.embed(sound, isCancelled),
);
