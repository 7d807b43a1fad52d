import { MelFilterBank } from '../../preprocess/audio/mel.js';
import { padReflected, PowerSpectrum, windowFunction } from '../../preprocess/audio/spectrum.js';
import type { MelProcessing } from './audio-processing.js';

/** Power below this counts as this: 100 dB below 1. */
const FLOOR = 1e-10;

/** CLAP's `input_features`: log-mel spectrograms in decibels of windows of one length. */
export class LogMel {
  readonly #spectrum: PowerSpectrum;
  readonly #filters: MelFilterBank;
  /** Frames of a window; each is centred on a multiple of the hop. */
  readonly #frames: number;

  constructor(private readonly processing: MelProcessing) {
    const { fftSize, fusion, highest, hop, lowest, mels, rate, window } = processing;
    this.#spectrum = new PowerSpectrum({ fftLength: fftSize, window: windowFunction('hann', fftSize) });
    this.#filters = new MelFilterBank({
      fftLength: fftSize,
      rate,
      filters: mels,
      minHz: lowest,
      maxHz: highest,
      scale: fusion ? 'htk' : 'slaney',
      normalised: !fusion,
    });
    this.#frames = 1 + Math.floor(window / hop);
  }

  /** Shape of the features of one window: [channels, frames, mels]; the channels of fusion are all alike. */
  get shape(): readonly [number, number, number] {
    return [this.processing.fusion ? 4 : 1, this.#frames, this.processing.mels];
  }

  /** The features of up to a window of samples, of which there is at least one. */
  compute(samples: Float32Array): Float32Array {
    const { fftSize, hop, mels } = this.processing;
    const padded = padReflected(fillWindow(samples, this.processing), fftSize / 2);
    const [channels] = this.shape;
    const features = new Float32Array(channels * this.#frames * mels);
    const power = new Float64Array(this.#spectrum.bins);
    const bands = new Float64Array(mels);
    for (let frame = 0; frame < this.#frames; frame++) {
      this.#spectrum.compute(padded, frame * hop, power);
      this.#filters.apply(power, bands);
      for (let mel = 0; mel < mels; mel++) features[frame * mels + mel] = 10 * Math.log10(Math.max(FLOOR, bands[mel]));
    }
    const plane = this.#frames * mels;
    for (let channel = 1; channel < channels; channel++) features.copyWithin(channel * plane, 0, plane);
    return features;
  }
}

/** A whole window: `repeatpad` repeats a short sound as often as it fits whole, `repeat` cuts the last time off. */
function fillWindow(samples: Float32Array, { window, padding }: MelProcessing): Float32Array {
  if (samples.length === window) return samples;
  const filled = new Float32Array(window);
  const whole = Math.floor(window / samples.length) * samples.length;
  const end = { repeat: window, repeatpad: whole, pad: samples.length }[padding];
  for (let at = 0; at < end; at += samples.length) filled.set(samples.subarray(0, end - at), at);
  return filled;
}
