import { plainPowerSpectrum, plainSlaneyHertz, plainTriangles } from '../../preprocess/audio/plain-spectrum.js';

export interface PlainLogMelOptions {
  readonly rate: number;
  readonly fftSize: number;
  readonly hop: number;
  readonly mels: number;
  readonly lowest: number;
  readonly highest: number;
  /** HTK's mel scale and triangles of height 1, in place of Slaney's and of area 1. */
  readonly fusion: boolean;
}

/** CLAP's features written out in plain numbers: [frames][mels] in decibels, of samples that fill a window. */
export function plainLogMel(samples: readonly number[], options: PlainLogMelOptions, frames?: number): number[][] {
  const { fftSize, hop } = options;
  const filters = plainMelFilters(options);
  const mirrored = (at: number): number => samples[at < 0 ? -at : Math.min(at, 2 * (samples.length - 1) - at)];
  return Array.from({ length: frames ?? 1 + Math.floor(samples.length / hop) }, (_, frame) => {
    const windowed = Array.from({ length: fftSize }, (_, at) => {
      return (0.5 - 0.5 * Math.cos((2 * Math.PI * at) / fftSize)) * mirrored(frame * hop + at - fftSize / 2);
    });
    const power = plainPowerSpectrum(windowed);
    return filters.map((filter) => {
      const energy = filter.reduce((sum, weight, bin) => sum + weight * power[bin], 0);
      return 10 * Math.log10(Math.max(1e-10, energy));
    });
  });
}

function plainMelFilters({ rate, fftSize, mels, lowest, highest, fusion }: PlainLogMelOptions): number[][] {
  const htk = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700);
  const slaney = (hertz: number): number => {
    return hertz <= 1000 ? (hertz * 3) / 200 : 15 + (27 * Math.log(hertz / 1000)) / Math.log(6.4);
  };
  const toMel = fusion ? htk : slaney;
  const toHertz = fusion ? (mel: number): number => 700 * (10 ** (mel / 2595) - 1) : plainSlaneyHertz;
  const [from, to] = [toMel(lowest), toMel(highest)];
  const edges = Array.from({ length: mels + 2 }, (_, at) => toHertz(from + ((to - from) * at) / (mels + 1)));
  const bins = Array.from({ length: fftSize / 2 + 1 }, (_, bin) => (bin * rate) / fftSize);
  return plainTriangles(edges, bins).map((weights, filter) => {
    const area = (edges[filter + 2] - edges[filter]) / 2;
    return weights.map((weight) => (fusion ? weight : weight / area));
  });
}
