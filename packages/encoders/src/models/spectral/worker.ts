import { soundWorker } from '../../session/sound-worker.js';
import { SpectralModel } from './spectral-model.js';

/** Entry of the worker thread. */
export default soundWorker(async () => new SpectralModel());
