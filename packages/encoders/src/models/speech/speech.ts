import type { Encoder } from '@nearfield/engine/encoder';
import { SoundEncoder } from '../../session/sound-encoder.js';
import { checkThreadOptions, type ThreadOptions } from '../../session/thread-options.js';
import { modelChecksum, modelFiles } from './model-files.js';
import { DIMENSIONS, NAME, VERSION } from './specification.js';

export type SpeechOptions = ThreadOptions;

/**
 * Embeddings of speech: what is said more than who says it. 192 dimensions, unit length, cosine: mean and maximum, each at
 * the same length, of a 96-dimensional embedding of every window of .78 s, each .08 s after the one before, between half a
 * second of silence on both sides. The model is Google's speech embedding (Lin et al., "Training keyword spotters with
 * limited and synthesized speech data", 2020) as openWakeWord publishes it. Sounds may have any length: memory is bounded.
 * The model's own floor, 80 dB under the loudest frame, is taken over 11 s of sound at a time.
 *
 * Throws UNKNOWN_OPTION, INVALID_ARGUMENT, and ENCODER_UNAVAILABLE when the files of the model are missing.
 */
export async function speech(options: SpeechOptions = {}): Promise<Encoder> {
  checkThreadOptions(options, NAME);
  const identity = { name: NAME, version: VERSION, checksum: await modelChecksum(), options: Object.freeze({}) };
  return new SoundEncoder(
    {
      identity: Object.freeze(identity),
      output: { kind: 'dense', dimensions: DIMENSIONS, metric: 'cosine' },
      worker: new URL('worker.js', import.meta.url),
      data: modelFiles(),
    },
    options.threads,
  );
}
