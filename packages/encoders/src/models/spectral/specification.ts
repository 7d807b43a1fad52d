/** Registered name of the encoder. */
export const NAME = 'audio:spectral';

/** Changes whenever decoding, a feature, its constants or its weight changes. */
export const VERSION = '1';

/** Samples a second. */
export const RATE = 22_050;

/** Samples of a frame (93 ms), which is also the length of the transform, and from one frame to the next (23 ms). */
export const FRAME_LENGTH = 2048;
export const FRAME_HOP = 512;

/** Mel bands, on Slaney's scale, and the range that they cover in hertz. */
export const MEL_BANDS = 32;
export const [MEL_MIN_HZ, MEL_MAX_HZ] = [40, 11_025];

/** Mel-frequency cepstral coefficients 1 to 13; coefficient 0 is the level, which has features of its own. */
export const CEPSTRAL_COEFFICIENTS = 13;

/** Pitch classes, C first, and the pitches that count, in hertz: below, bins are wider than semitones. */
export const PITCH_CLASSES = 12;
export const [CHROMA_MIN_HZ, CHROMA_MAX_HZ] = [200, 4000];

/** Power at which a band counts as silent: 90 dB below a sine at full scale, in the units of the spectrum below. */
export const POWER_FLOOR = 1e-9;

/** A frame below this level (root mean square, dB under full scale) is a pause: it counts only where there is no other. */
export const PAUSE_LEVEL = -60;

/** Rise over all bands, in mean dB, that an onset has at least. */
export const ONSET_RISE = 3;

/** A value is at most so many of its deviations from its centre, so that no single feature decides. */
export const LARGEST_DEVIATION = 4;

/** Features that describe the same side of a sound. Each group counts alike, however many features it has. */
export interface FeatureGroup {
  readonly name: string;
  readonly features: number;
}

/** In the order of the embedding. */
export const GROUPS: readonly FeatureGroup[] = [
  { name: 'mel mean', features: MEL_BANDS },
  { name: 'mel deviation', features: MEL_BANDS },
  { name: 'cepstral mean', features: CEPSTRAL_COEFFICIENTS },
  { name: 'cepstral deviation', features: CEPSTRAL_COEFFICIENTS },
  { name: 'cepstral delta', features: CEPSTRAL_COEFFICIENTS },
  { name: 'shape mean', features: 5 },
  { name: 'shape deviation', features: 5 },
  { name: 'chroma', features: PITCH_CLASSES },
  { name: 'onset', features: 3 },
  { name: 'level', features: 4 },
];

export const DIMENSIONS = GROUPS.reduce((sum, { features }) => sum + features, 0);
