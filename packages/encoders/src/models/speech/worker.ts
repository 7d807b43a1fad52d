import { soundWorker } from '../../session/sound-worker.js';
import { SpeechModel, type SpeechModelData } from './speech-model.js';

/** Entry of the worker thread. */
export default soundWorker<SpeechModelData>((data) => SpeechModel.load(data));
