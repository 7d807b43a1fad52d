import { imageWorker } from '../../session/image-worker.js';
import { FeatureModel, type FeatureModelData } from './feature-model.js';

/** Entry of the worker thread. */
export default imageWorker<FeatureModelData>((data) => FeatureModel.load(data));
