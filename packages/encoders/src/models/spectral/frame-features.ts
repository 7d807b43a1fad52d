import { MelFilterBank } from '../../preprocess/audio/mel.js';
import { PowerSpectrum, windowFunction } from '../../preprocess/audio/spectrum.js';
import {
  CEPSTRAL_COEFFICIENTS,
  CHROMA_MAX_HZ,
  CHROMA_MIN_HZ,
  FRAME_LENGTH,
  MEL_BANDS,
  MEL_MAX_HZ,
  MEL_MIN_HZ,
  PITCH_CLASSES,
  POWER_FLOOR,
  RATE,
} from './specification.js';

/** What one frame sounds like. The arrays are filled anew for each frame. */
export interface FrameFeatures {
  /** Root mean square of the frame, in dB under full scale; at least -90. */
  readonly level: number;
  /** Mean power under each mel filter, in dB; a sine at full scale is near 0. */
  readonly bands: Float64Array;
  /** Mel-frequency cepstral coefficients from number 1 on. */
  readonly cepstrum: Float64Array;
  /** Centroid, spread, roll-off, flatness, crest: see `shapeOf`. */
  readonly shape: Float64Array;
  /** Share of each pitch class; the sum is 1, or 0 without any sound in their range. */
  readonly chroma: Float64Array;
}

const BINS = FRAME_LENGTH / 2 + 1;
const BIN_HZ = RATE / FRAME_LENGTH;

/** Power of a sine at full scale in its bin under a Hann window, so that spectra are in parts of it. */
const FULL_SCALE_POWER = (FRAME_LENGTH / 4) ** 2;

/** Share of the power that lies below the roll-off frequency. */
const ROLL_OFF = 0.85;

/** The lowest frequency that centroid and roll-off tell apart, in hertz: octaves below it are not heard. */
const LOWEST_HZ = 20;

/** Computes the features of frames of 2 048 samples. */
export class FrameAnalysis {
  readonly #spectrum = new PowerSpectrum({ fftLength: FRAME_LENGTH, window: windowFunction('hann', FRAME_LENGTH) });
  readonly #filters = new MelFilterBank({
    fftLength: FRAME_LENGTH,
    rate: RATE,
    filters: MEL_BANDS,
    minHz: MEL_MIN_HZ,
    maxHz: MEL_MAX_HZ,
    scale: 'slaney',
  });
  readonly #cosines = cosineTransform();
  readonly #pitchClasses = pitchClassOfBins();
  readonly #power = new Float64Array(BINS);
  readonly #features = {
    level: 0,
    bands: new Float64Array(MEL_BANDS),
    cepstrum: new Float64Array(CEPSTRAL_COEFFICIENTS),
    shape: new Float64Array(5),
    chroma: new Float64Array(PITCH_CLASSES),
  };

  /** The features of one frame; they are valid until the next call. */
  analyse(frame: Float32Array): FrameFeatures {
    const { bands, cepstrum, shape, chroma } = this.#features;
    this.#features.level = levelOf(frame);
    this.#spectrum.compute(frame, 0, this.#power);
    for (let bin = 0; bin < BINS; bin++) this.#power[bin] /= FULL_SCALE_POWER;
    this.#filters.apply(this.#power, bands);
    for (let band = 0; band < MEL_BANDS; band++) bands[band] = decibel(bands[band]);
    for (const [number, cosines] of this.#cosines.entries()) {
      let sum = 0;
      for (let band = 0; band < MEL_BANDS; band++) sum += cosines[band] * bands[band];
      cepstrum[number] = sum;
    }
    shapeOf(this.#power, shape);
    this.#chromaOf(chroma);
    return this.#features;
  }

  #chromaOf(chroma: Float64Array): void {
    chroma.fill(0);
    let total = 0;
    for (const [bin, pitchClass] of this.#pitchClasses) {
      chroma[pitchClass] += this.#power[bin];
      total += this.#power[bin];
    }
    if (total <= POWER_FLOOR) chroma.fill(0);
    else for (let pitchClass = 0; pitchClass < PITCH_CLASSES; pitchClass++) chroma[pitchClass] /= total;
  }
}

function decibel(power: number): number {
  return 10 * Math.log10(Math.max(power, POWER_FLOOR));
}

function levelOf(frame: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < frame.length; at++) sum += frame[at] * frame[at];
  return decibel(sum / frame.length);
}

/** Rows 1 to 13 of the orthonormal discrete cosine transform (type II) over the bands. */
function cosineTransform(): Float64Array[] {
  return Array.from({ length: CEPSTRAL_COEFFICIENTS }, (_, row) =>
    Float64Array.from(
      { length: MEL_BANDS },
      (_, band) => Math.sqrt(2 / MEL_BANDS) * Math.cos((Math.PI * (row + 1) * (band + 0.5)) / MEL_BANDS),
    ),
  );
}

/** Bins within the range of pitches, each with its pitch class: 0 for C, by A = 440 Hz in equal temperament. */
function pitchClassOfBins(): [number, number][] {
  const bins = Array.from({ length: BINS }, (_, bin) => bin);
  return bins
    .filter((bin) => bin * BIN_HZ >= CHROMA_MIN_HZ && bin * BIN_HZ <= CHROMA_MAX_HZ)
    .map((bin) => [bin, (Math.round(12 * Math.log2((bin * BIN_HZ) / 440)) + 9 + 120) % PITCH_CLASSES]);
}

/**
 * Centroid (octaves above 20 Hz), spread (octaves around it), frequency below which 85 % of the power lies (octaves above
 * 20 Hz), flatness and crest (geometric mean and largest bin over the arithmetic mean, in dB). Silence is flat noise.
 */
function shapeOf(power: Float64Array, shape: Float64Array): void {
  let [total, logarithms, octaves, squares, largest] = [0, 0, 0, 0, 0];
  for (let bin = 1; bin < BINS; bin++) {
    const value = power[bin] + POWER_FLOOR / BINS;
    const octave = OCTAVES[bin];
    total += value;
    logarithms += Math.log(value);
    octaves += value * octave;
    squares += value * octave * octave;
    largest = Math.max(largest, value);
  }
  const bins = BINS - 1;
  const centroid = octaves / total;
  shape[0] = centroid;
  shape[1] = Math.sqrt(Math.max(0, squares / total - centroid * centroid));
  shape[2] = OCTAVES[rollOffBin(power, total)];
  shape[3] = 10 * Math.log10(Math.exp(logarithms / bins) / (total / bins));
  shape[4] = 10 * Math.log10(largest / (total / bins));
}

function rollOffBin(power: Float64Array, total: number): number {
  let sum = 0;
  for (let bin = 1; bin < BINS; bin++) {
    sum += power[bin] + POWER_FLOOR / BINS;
    if (sum >= ROLL_OFF * total) return bin;
  }
  return BINS - 1;
}

const OCTAVES = Float64Array.from({ length: BINS }, (_, bin) => Math.log2(Math.max(1, (bin * BIN_HZ) / LOWEST_HZ)));
