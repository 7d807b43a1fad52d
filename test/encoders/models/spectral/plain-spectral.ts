import { plainPowerSpectrum, plainSlaneyHertz, plainTriangles } from '../../preprocess/audio/plain-spectrum.js';

const [RATE, LENGTH, HOP, BANDS] = [22_050, 2048, 512, 32];
const BINS = LENGTH / 2 + 1;
const FLOOR = 1e-9;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]): number => {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
};
const decibel = (power: number): number => 10 * Math.log10(Math.max(FLOOR, power));
const column = (rows: readonly (readonly number[])[], at: number): number[] => rows.map((row) => row[at]);
const each = (rows: readonly (readonly number[])[], of: (values: number[]) => number): number[] =>
  rows[0].map((_, at) => of(column(rows, at)));

const binHertz = Array.from({ length: BINS }, (_, bin) => (bin * RATE) / LENGTH);
const triangles = (() => {
  const mel = (hertz: number): number =>
    hertz < 1000 ? (hertz * 3) / 200 : 15 + 27 * (Math.log(hertz / 1000) / Math.log(6.4));
  const [low, high] = [mel(40), mel(11_025)];
  const edges = Array.from({ length: BANDS + 2 }, (_, at) => plainSlaneyHertz(low + ((high - low) * at) / (BANDS + 1)));
  return plainTriangles(edges, binHertz);
})();

interface PlainFrame {
  readonly level: number;
  readonly bands: number[];
  readonly cepstrum: number[];
  readonly shape: number[];
  readonly chroma: number[];
}

function plainFrame(frame: readonly number[]): PlainFrame {
  const windowed = frame.map((sample, at) => sample * (0.5 - 0.5 * Math.cos((2 * Math.PI * at) / LENGTH)));
  const power = plainPowerSpectrum(windowed).map((value) => value / 512 ** 2);
  const bands = triangles.map((weights) => decibel(weights.reduce((sum, weight, bin) => sum + weight * power[bin], 0)));
  const cepstrum = Array.from({ length: 13 }, (_, row) =>
    bands.reduce(
      (sum, band, at) => sum + band * Math.sqrt(2 / 32) * Math.cos((Math.PI / 32) * (row + 1) * (at + 0.5)),
      0,
    ),
  );
  return {
    level: decibel(mean(frame.map((sample) => sample ** 2))),
    bands,
    cepstrum,
    shape: plainShape(power),
    chroma: plainChroma(power),
  };
}

function plainShape(power: readonly number[]): number[] {
  const values = power.slice(1).map((value) => value + FLOOR / BINS);
  const octaves = binHertz.slice(1).map((hertz) => Math.max(0, Math.log2(hertz / 20)));
  const total = values.reduce((sum, value) => sum + value, 0);
  const centroid = values.reduce((sum, value, at) => sum + value * octaves[at], 0) / total;
  const spread = Math.sqrt(values.reduce((sum, value, at) => sum + value * (octaves[at] - centroid) ** 2, 0) / total);
  let [sum, rollOff] = [0, 0];
  while (sum + values[rollOff] < 0.85 * total) sum += values[rollOff++];
  const flatness = decibel(Math.exp(mean(values.map(Math.log))) / mean(values));
  return [centroid, spread, octaves[rollOff], flatness, decibel(Math.max(...values) / mean(values))];
}

function plainChroma(power: readonly number[]): number[] {
  const chroma = Array.from({ length: 12 }, () => 0);
  for (const [bin, hertz] of binHertz.entries()) {
    if (hertz < 200 || hertz > 4000) continue;
    // MIDI numbers count semitones from a C; note 69 is the A of 440 Hz.
    chroma[Math.round(69 + 12 * Math.log2(hertz / 440)) % 12] += power[bin];
  }
  const total = chroma.reduce((sum, value) => sum + value, 0);
  return chroma.map((value) => (total > FLOOR ? value / total : 0));
}

/** The 132 features of a sound at 22 050 samples a second, by their definitions. */
export function plainFeatures(samples: readonly number[]): number[] {
  const count = Math.max(1, Math.floor((samples.length - LENGTH) / HOP) + 1);
  const frames = Array.from({ length: count }, (_, at) =>
    plainFrame(Array.from({ length: LENGTH }, (_, n) => samples[at * HOP + n] ?? 0)),
  );
  const loud = frames.filter(({ level }) => level >= -60);
  const heard = loud.length > 0 ? loud : frames;
  const profiles = heard.map(({ bands }) => bands.map((band) => band - mean(bands)));
  const cepstra = heard.map(({ cepstrum }) => cepstrum);
  const shapes = heard.map(({ shape }) => shape);
  const changes = frames.slice(1).map(({ cepstrum }, at) => cepstrum.map((value, n) => value - frames[at].cepstrum[n]));
  const rises = frames
    .slice(1)
    .map(({ bands }, at) => mean(bands.map((band, n) => Math.max(0, band - frames[at].bands[n]))));
  const onsets = rises.filter(
    (rise, at) => rise >= 3 && at + 1 < rises.length && rise > (rises[at - 1] ?? 0) && rise >= rises[at + 1],
  );
  const seconds = (count * HOP) / RATE;
  const levels = heard.map(({ level }) => level);
  return [
    ...each(profiles, mean),
    ...each(profiles, deviation),
    ...each(cepstra, mean),
    ...each(cepstra, deviation),
    ...(changes.length > 0
      ? each(changes, (values) => Math.sqrt(mean(values.map((value) => value ** 2))))
      : Array.from({ length: 13 }, () => 0)),
    ...each(shapes, mean),
    ...each(shapes, deviation),
    ...each(
      heard.map(({ chroma }) => chroma),
      mean,
    ),
    rises.length > 0 ? mean(rises) : 0,
    rises.length > 0 ? deviation(rises) : 0,
    onsets.length / seconds,
    mean(levels),
    deviation(levels),
    loud.length / count,
    Math.log2(seconds),
  ];
}
