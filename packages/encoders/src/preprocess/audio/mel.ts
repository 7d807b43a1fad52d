export type MelScale = 'htk' | 'slaney' | 'kaldi';

export interface MelFilterOptions {
  /** Points of the transform; a spectrum has fftLength / 2 + 1 bins. */
  readonly fftLength: number;
  /** Samples a second. */
  readonly rate: number;
  /** Number of filters. */
  readonly filters: number;
  /** Lower edge of the first filter, in hertz. */
  readonly minHz: number;
  /** Upper edge of the last filter, in hertz. */
  readonly maxHz: number;
  /**
   * htk: 2595 log10(1 + f / 700) (O'Shaughnessy, "Speech Communication", 1987); kaldi: the same with natural logarithms,
   * 1127 ln(1 + f / 700); slaney: linear below 1 000 Hz, logarithmic above (Slaney, "Auditory Toolbox", 1998).
   */
  readonly scale: MelScale;
  /** Makes the area of each triangle 1 (Slaney's normalisation, 2 / width in hertz) instead of its height. */
  readonly normalised?: boolean;
  /** Draws the triangles over mels, as Kaldi does, instead of over hertz. */
  readonly triangularInMels?: boolean;
}

export function hertzToMel(hertz: number, scale: MelScale): number {
  switch (scale) {
    case 'htk':
      return 2595 * Math.log10(1 + hertz / 700);
    case 'kaldi':
      return 1127 * Math.log(1 + hertz / 700);
    case 'slaney':
      return hertz < 1000 ? (3 * hertz) / 200 : 15 + (Math.log(hertz / 1000) * 27) / Math.log(6.4);
    default:
      return unknownScale(scale);
  }
}

export function melToHertz(mel: number, scale: MelScale): number {
  switch (scale) {
    case 'htk':
      return 700 * (10 ** (mel / 2595) - 1);
    case 'kaldi':
      return 700 * (Math.exp(mel / 1127) - 1);
    case 'slaney':
      return mel < 15 ? (200 * mel) / 3 : 1000 * Math.exp(((mel - 15) * Math.log(6.4)) / 27);
    default:
      return unknownScale(scale);
  }
}

function unknownScale(scale: never): never {
  throw new TypeError(`Unknown mel scale ${String(scale)}`);
}

/** Triangular filters evenly spaced on a mel scale, each kept from its first to its last weight that is not 0. */
export class MelFilterBank {
  readonly #starts: number[] = [];
  readonly #weights: Float64Array[] = [];

  constructor({ fftLength, rate, filters, minHz, maxHz, scale, normalised, triangularInMels }: MelFilterOptions) {
    const [low, high] = [hertzToMel(minHz, scale), hertzToMel(maxHz, scale)];
    const mels = Array.from({ length: filters + 2 }, (_, at) => low + ((high - low) * at) / (filters + 1));
    const hertz = mels.map((mel) => melToHertz(mel, scale));
    const edges = triangularInMels ? mels : hertz;
    const bins = Array.from({ length: fftLength / 2 + 1 }, (_, bin) => {
      const frequency = (bin * rate) / fftLength;
      return triangularInMels ? hertzToMel(frequency, scale) : frequency;
    });
    for (let filter = 0; filter < filters; filter++) {
      const [left, centre, right] = edges.slice(filter, filter + 3);
      const height = normalised ? 2 / (hertz[filter + 2] - hertz[filter]) : 1;
      const triangle = bins.map((at) =>
        Math.max(0, Math.min((at - left) / (centre - left), (right - at) / (right - centre)) * height),
      );
      const start = Math.max(
        0,
        triangle.findIndex((weight) => weight > 0),
      );
      this.#starts.push(start);
      this.#weights.push(Float64Array.from(triangle.slice(start, triangle.findLastIndex((weight) => weight > 0) + 1)));
    }
  }

  get filters(): number {
    return this.#starts.length;
  }

  /** The energy under each filter, into `bands`. @param spectrum fftLength / 2 + 1 bins */
  apply(spectrum: Float64Array, bands: Float64Array): void {
    for (const [filter, weights] of this.#weights.entries()) {
      const start = this.#starts[filter];
      let sum = 0;
      for (let at = 0; at < weights.length; at++) sum += weights[at] * spectrum[start + at];
      bands[filter] = sum;
    }
  }
}
