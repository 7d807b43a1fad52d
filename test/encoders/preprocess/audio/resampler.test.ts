import fc from 'fast-check';
import t from 'tap';
import { Resampler } from '@nearfield/encoders/internals/preprocess/audio/resampler';

const RATES = [
  [8_000, 16_000],
  [11_025, 16_000],
  [44_100, 16_000],
  [48_000, 16_000],
  [96_000, 16_000],
  [44_100, 22_050],
  [47_999, 16_000],
  [191_999, 16_000],
] as const;

function sine(hertz: number, rate: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, at) => Math.sin((2 * Math.PI * hertz * at) / rate));
}

function resampled(samples: Float32Array, from: number, to: number, cuts: readonly number[] = []): Float32Array {
  const resampler = new Resampler(from, to);
  const edges = [0, ...cuts, samples.length].sort((a, b) => a - b);
  const pieces = edges.slice(1).map((end, at) => resampler.push(samples.subarray(edges[at], end)));
  return Float32Array.from([...pieces, resampler.flush()].flatMap((piece) => [...piece]));
}

/** Largest difference in the middle, where no edge is near. */
function differenceInside(a: Float32Array, b: Float32Array): number {
  const margin = Math.floor(a.length / 4);
  let largest = 0;
  for (let at = margin; at < a.length - margin; at++) largest = Math.max(largest, Math.abs(a[at] - b[at]));
  return largest;
}

t.test('a sine below the lower Nyquist frequency is the same sine at the other rate', async (t) => {
  // The last ratio is rounded: its sine is a little higher.
  for (const [from, to] of RATES.slice(0, -1)) {
    for (const share of [0.01, 0.3, 0.8]) {
      const hertz = (share * Math.min(from, to)) / 2;
      const output = resampled(sine(hertz, from, from / 5), from, to);
      const expected = sine(hertz, to, output.length);
      t.ok(differenceInside(output, expected) < 2e-3, `${from} to ${to}, ${hertz} Hz`);
    }
  }
});

t.test('a sine above the lower Nyquist frequency vanishes', async (t) => {
  for (const [from, to] of RATES.filter(([from, to]) => from > to)) {
    for (const share of [1.02, 1.5]) {
      const hertz = (share * to) / 2;
      if (hertz >= from / 2) continue;
      const output = resampled(sine(hertz, from, from / 5), from, to);
      t.ok(differenceInside(output, new Float32Array(output.length)) < 1e-3, `${from} to ${to}, ${hertz} Hz`);
    }
  }
});

t.test('the result does not depend on how the input is cut', async () => {
  const rates = fc.constantFrom(...RATES);
  const cuts = fc.array(fc.nat(3000), { maxLength: 8 });
  fc.assert(
    fc.property(rates, cuts, fc.integer({ min: 1, max: 3000 }), ([from, to], cuts, length) => {
      const samples = Float32Array.from({ length }, (_, at) => Math.sin(at * at * 0.001));
      const whole = resampled(samples, from, to);
      const inPieces = resampled(
        samples,
        from,
        to,
        cuts.map((cut) => Math.min(cut, length)),
      );
      return whole.length === inPieces.length && whole.every((value, at) => value === inPieces[at]);
    }),
    { seed: 4, numRuns: 60 },
  );
});

t.test('n samples give n * to / from, rounded up', async (t) => {
  for (const [from, to] of RATES.slice(0, 6)) {
    for (const length of [1, 2, 999, 1000]) {
      const output = resampled(new Float32Array(length), from, to);
      t.equal(output.length, Math.ceil((length * to) / from), `${length} from ${from} to ${to}`);
    }
  }
});

t.test('a constant stays itself', async (t) => {
  const output = resampled(new Float32Array(4000).fill(0.7), 44_100, 16_000);
  t.ok(differenceInside(output, new Float32Array(output.length).fill(0.7)) < 1e-6);
});

t.test('equal rates change nothing', async (t) => {
  const samples = sine(100, 16_000, 500);
  t.same(resampled(samples, 16_000, 16_000, [100]), samples);
});
