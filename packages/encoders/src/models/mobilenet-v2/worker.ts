import type { ImageTask } from '../../session/image-encoder.js';
import { taskWorker } from '../../session/task-worker.js';
import { FeatureModel, type FeatureModelData } from './feature-model.js';

/** Entry of the worker thread. */
export default taskWorker<Omit<FeatureModelData, 'threads'>, FeatureModel, ImageTask>(
  (data) => FeatureModel.load(data),
  (model, { pixels, images }, isCancelled) => model.embed(pixels, images, isCancelled),
);
