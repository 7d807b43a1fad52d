import t from 'tap';
import { PowerSpectrum, padReflected, windowFunction } from '@nearfield/encoders/internals/preprocess/audio/spectrum';
import { plainPowerSpectrum } from './plain-spectrum.js';

const samples = Float32Array.from({ length: 600 }, (_, at) => Math.sin(at * 0.37) + 0.2 * Math.cos(at * at * 0.01));

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from({ length: a.length }, (_, at) => Math.abs(a[at] - b[at])));
}

t.test('a spectrum is that of the discrete Fourier transform', async (t) => {
  const window = windowFunction('hann', 200);
  const spectrum = new PowerSpectrum({ fftLength: 256, window });
  const power = new Float64Array(spectrum.bins);
  spectrum.compute(samples, 100, power);
  const frame = Array.from({ length: 256 }, (_, at) =>
    at < 200 ? samples[100 + at] * (0.5 - 0.5 * Math.cos((2 * Math.PI * at) / 200)) : 0,
  );
  t.equal(power.length, 129);
  t.ok(largestDifference(power, plainPowerSpectrum(frame)) < 1e-9);
});

t.test('the mean is taken away, then the share of the sample before', async (t) => {
  const window = windowFunction('rectangular', 256);
  const spectrum = new PowerSpectrum({ fftLength: 256, window, removesMean: true, preemphasis: 0.97 });
  const power = new Float64Array(spectrum.bins);
  spectrum.compute(samples, 0, power);
  const mean = samples.subarray(0, 256).reduce((sum, sample) => sum + sample, 0) / 256;
  const centred = Array.from(samples.subarray(0, 256), (sample) => sample - mean);
  const frame = centred.map((sample, at) => sample - 0.97 * centred[Math.max(0, at - 1)]);
  t.ok(largestDifference(power, plainPowerSpectrum(frame)) < 1e-9);
});

t.test('what is missing around the samples is silence, whatever was computed before', async (t) => {
  const spectrum = new PowerSpectrum({ fftLength: 64, window: windowFunction('hamming', 64) });
  const [before, alone] = [new Float64Array(33), new Float64Array(33)];
  spectrum.compute(samples, 0, before);
  spectrum.compute(Float32Array.of(1, 2, 3), -1, alone);
  const weights = windowFunction('hamming', 64);
  const frame = Array.from({ length: 64 }, (_, at) => (at >= 1 && at <= 3 ? at * weights[at] : 0));
  t.ok(largestDifference(alone, plainPowerSpectrum(frame)) < 1e-9);
});

t.test('windows have their published values', async (t) => {
  t.ok(largestDifference(windowFunction('hann', 4), [0, 0.5, 1, 0.5]) < 1e-12);
  t.ok(largestDifference(windowFunction('hann', 5, false), [0, 0.5, 1, 0.5, 0]) < 1e-12);
  t.ok(largestDifference(windowFunction('hamming', 4), [0.08, 0.54, 1, 0.54]) < 1e-12);
  t.ok(largestDifference(windowFunction('povey', 5, false), [0, 0.5 ** 0.85, 1, 0.5 ** 0.85, 0]) < 1e-12);
});

t.test('padding mirrors the samples without their edge, back and forth', async (t) => {
  t.same(padReflected(Float32Array.of(1, 2, 3), 2), Float32Array.of(3, 2, 1, 2, 3, 2, 1));
  t.same(padReflected(Float32Array.of(1, 2), 3), Float32Array.of(2, 1, 2, 1, 2, 1, 2, 1));
  t.same(padReflected(Float32Array.of(5), 1), Float32Array.of(5, 5, 5));
});
