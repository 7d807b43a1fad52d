import t from 'tap';
import { MelFilterBank, hertzToMel, melToHertz } from '@nearfield/encoders/internals/preprocess/audio/mel';
import { plainSlaneyHertz, plainTriangles } from './plain-spectrum.js';

const near = (a: number, b: number, within = 1e-9): boolean => Math.abs(a - b) <= within * Math.max(1, Math.abs(b));

/** The weights of a filter bank, found by asking for one bin after the other. */
function weightsOf(bank: MelFilterBank, bins: number): number[][] {
  const columns = Array.from({ length: bins }, (_, bin) => {
    const bands = new Float64Array(bank.filters);
    bank.apply(
      Float64Array.from({ length: bins }, (_, at) => Number(at === bin)),
      bands,
    );
    return bands;
  });
  return Array.from({ length: bank.filters }, (_, filter) => columns.map((column) => column[filter]));
}

function largestDifference(a: readonly number[][], b: readonly number[][]): number {
  return Math.max(...a.flatMap((row, at) => row.map((value, bin) => Math.abs(value - b[at][bin]))));
}

t.test('the scales have their published values', async (t) => {
  t.ok(near(hertzToMel(1000, 'htk'), 999.9855, 1e-6));
  t.ok(near(hertzToMel(1000, 'kaldi'), 1127 * Math.log(17 / 7)));
  t.ok(near(hertzToMel(60, 'slaney'), 0.9));
  t.ok(near(hertzToMel(440, 'slaney'), 6.6));
  t.ok(near(hertzToMel(6400, 'slaney'), 42));
});

t.test('each scale is undone by its inverse', async (t) => {
  for (const scale of ['htk', 'kaldi', 'slaney'] as const) {
    for (const hertz of [0, 20, 999, 1000, 1001, 11_025]) {
      t.ok(near(melToHertz(hertzToMel(hertz, scale), scale), hertz), `${scale}, ${hertz} Hz`);
    }
  }
});

const options = { fftLength: 256, rate: 16_000, filters: 12, minHz: 100, maxHz: 7000 } as const;
const binHertz = Array.from({ length: 129 }, (_, bin) => (bin * 16_000) / 256);

t.test('filters are triangles between neighbours, as computed plainly', async (t) => {
  const [low, high] = [hertzToMel(100, 'slaney'), hertzToMel(7000, 'slaney')];
  const edges = Array.from({ length: 14 }, (_, at) => plainSlaneyHertz(low + ((high - low) * at) / 13));
  const plain = plainTriangles(edges, binHertz);
  const bank = new MelFilterBank({ ...options, scale: 'slaney' });
  t.ok(largestDifference(weightsOf(bank, 129), plain) < 1e-12);
  const normalised = new MelFilterBank({ ...options, scale: 'slaney', normalised: true });
  const areas = plain.map((row, at) => row.map((weight) => (2 * weight) / (edges[at + 2] - edges[at])));
  t.ok(largestDifference(weightsOf(normalised, 129), areas) < 1e-12);
});

t.test('triangles over mels peak at the same places, with other slopes', async (t) => {
  const edges = Array.from({ length: 14 }, (_, at) => {
    const [low, high] = [hertzToMel(100, 'kaldi'), hertzToMel(7000, 'kaldi')];
    return low + ((high - low) * at) / 13;
  });
  const mels = binHertz.map((hertz) => 1127 * Math.log(1 + hertz / 700));
  const bank = new MelFilterBank({ ...options, scale: 'kaldi', triangularInMels: true });
  t.ok(largestDifference(weightsOf(bank, 129), plainTriangles(edges, mels)) < 1e-12);
});

t.test('a filter narrower than a bin may be empty', async (t) => {
  const bank = new MelFilterBank({ ...options, filters: 80, minHz: 10, maxHz: 500, scale: 'htk' });
  const bands = new Float64Array(80);
  bank.apply(new Float64Array(129).fill(1), bands);
  t.ok(bands.some((band) => band === 0));
  t.ok(bands.every((band) => Number.isFinite(band)));
});
