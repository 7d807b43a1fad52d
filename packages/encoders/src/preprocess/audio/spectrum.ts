import FFT from 'fft.js';

export type WindowName = 'hann' | 'hamming' | 'povey' | 'rectangular';

/**
 * A window function (Harris, "On the use of windows for harmonic analysis", 1978); povey is Kaldi's, hann to the power
 * of .85.
 *
 * @param periodic whether its period is `length` (for spectra) or `length` - 1 (symmetric, as Kaldi has it)
 */
export function windowFunction(name: WindowName, length: number, periodic = true): Float64Array {
  const period = periodic ? length : Math.max(1, length - 1);
  return Float64Array.from({ length }, (_, at) => {
    const cosine = Math.cos((2 * Math.PI * at) / period);
    switch (name) {
      case 'hann':
        return 0.5 - 0.5 * cosine;
      case 'hamming':
        return 0.54 - 0.46 * cosine;
      case 'povey':
        return (0.5 - 0.5 * cosine) ** 0.85;
      case 'rectangular':
        return 1;
      default: {
        const other: never = name;
        throw new TypeError(`Unknown window ${String(other)}`);
      }
    }
  });
}

export interface SpectrumOptions {
  /** Points of the transform: a power of two, at least the length of the window, which is followed by zeros. */
  readonly fftLength: number;
  /** A weight for each sample of a frame; its length is the length of a frame. */
  readonly window: Float64Array;
  /** Takes the mean of a frame away first, as Kaldi does. */
  readonly removesMean?: boolean;
  /** Share of the sample before that is taken away from each sample of a frame (the first: from itself). Default: 0. */
  readonly preemphasis?: number;
}

/** Power spectra of frames of one form: the squared magnitude of the discrete Fourier transform, in 64-bit arithmetic. */
export class PowerSpectrum {
  readonly #fft: FFT;
  readonly #frame: Float64Array;
  readonly #transform: Float64Array;

  constructor(private readonly options: SpectrumOptions) {
    this.#fft = new FFT(options.fftLength);
    this.#frame = new Float64Array(options.fftLength);
    this.#transform = new Float64Array(2 * options.fftLength);
  }

  /** fftLength / 2 + 1. */
  get bins(): number {
    return this.options.fftLength / 2 + 1;
  }

  /**
   * The spectrum of the frame that begins at `offset`, into `power` (`bins` values). What is missing before or behind the
   * samples counts as 0.
   */
  compute(samples: Float32Array, offset: number, power: Float64Array): void {
    const { window, removesMean, preemphasis } = this.options;
    const frame = this.#frame;
    for (let at = 0; at < window.length; at++) frame[at] = samples[offset + at] ?? 0;
    if (removesMean) subtractMean(frame, window.length);
    if (preemphasis) emphasise(frame, window.length, preemphasis);
    for (let at = 0; at < window.length; at++) frame[at] *= window[at];
    this.#fft.realTransform(this.#transform, frame);
    for (let bin = 0; bin < power.length; bin++) {
      power[bin] = this.#transform[2 * bin] ** 2 + this.#transform[2 * bin + 1] ** 2;
    }
  }
}

function subtractMean(frame: Float64Array, length: number): void {
  let sum = 0;
  for (let at = 0; at < length; at++) sum += frame[at];
  for (let at = 0; at < length; at++) frame[at] -= sum / length;
}

function emphasise(frame: Float64Array, length: number, share: number): void {
  for (let at = length - 1; at > 0; at--) frame[at] -= share * frame[at - 1];
  frame[0] *= 1 - share;
}

/**
 * Samples with their mirror image (without the edge sample itself) on both sides, as centred frames are padded; where
 * there are too few samples to mirror, it goes back and forth.
 */
export function padReflected(samples: Float32Array, margin: number): Float32Array {
  const period = Math.max(1, 2 * (samples.length - 1));
  return Float32Array.from({ length: samples.length + 2 * margin }, (_, at) => {
    const place = (((at - margin) % period) + period) % period;
    return samples[Math.min(place, period - place)] ?? 0;
  });
}
