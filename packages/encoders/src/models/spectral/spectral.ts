import { createHash } from 'node:crypto';
import type { Encoder } from '@nearfield/engine/encoder';
import { SoundEncoder } from '../../session/sound-encoder.js';
import { checkThreadOptions, type ThreadOptions } from '../../session/thread-options.js';
import { DIMENSIONS, GROUPS, NAME, VERSION } from './specification.js';
import { CENTRES, DEVIATIONS } from './typical-values.js';

export type SpectralOptions = ThreadOptions;

/**
 * Features of any sound, without a trained model. 132 dimensions, euclidean. From frames of 93 ms, each 23 ms
 * after the one before, at 22 050 samples a second:
 *
 * - log-mel profile, mean and deviation of 32 bands (Stevens, Volkmann and Newman, "A scale for the measurement of the
 *   psychological magnitude pitch", 1937), without the level of the frame;
 * - mel-frequency cepstral coefficients 1 to 13, mean, deviation, and root mean square of their change from frame to frame
 *   (Davis and Mermelstein, "Comparison of parametric representations for monosyllabic word recognition", 1980; Furui,
 *   "Speaker-independent isolated word recognition using dynamic features of speech spectrum", 1986);
 * - shape of the spectrum, mean and deviation of centroid, spread, roll-off, flatness and crest (Peeters, "A large set of
 *   audio features for sound description", 2004);
 * - chroma, the share of each pitch class (Fujishima, "Realtime chord recognition of musical sound", 1999);
 * - onsets, mean and deviation of the spectral flux and peaks a second (Bello et al., "A tutorial on onset detection in
 *   music signals", 2005);
 * - level, its deviation, the share of frames above -60 dB, the logarithm of the duration.
 *
 * Frames below -60 dB are left out of the profiles unless there are no others. Each feature is centred and scaled by fixed
 * constants (`typical-values.ts`), so that an embedding depends on its sound alone, and each of the ten groups counts alike. Memory is bounded however long the
 * sound is.
 *
 * Throws UNKNOWN_OPTION and INVALID_ARGUMENT.
 */
export async function spectral(options: SpectralOptions = {}): Promise<Encoder> {
  checkThreadOptions(options, NAME);
  const identity = { name: NAME, version: VERSION, checksum: rulesChecksum(), options: Object.freeze({}) };
  return new SoundEncoder(
    {
      identity: Object.freeze(identity),
      output: { kind: 'dense', dimensions: DIMENSIONS, metric: 'euclidean' },
      worker: new URL('worker.js', import.meta.url),
      data: {},
    },
    options.threads,
  );
}

/** There is no model: the rules are the code, which the version stands for, and the constants. */
function rulesChecksum(): string {
  const rules = JSON.stringify([VERSION, GROUPS, CENTRES, DEVIATIONS]);
  return createHash('sha256').update(rules).digest('hex');
}
