import t from 'tap';
import { LogMel } from '@nearfield/encoders/internals/models/hf-audio/log-mel';
import type { MelProcessing } from '@nearfield/encoders/internals/models/hf-audio/audio-processing';
import { plainLogMel } from './plain-log-mel.js';

/** The preprocessing of clap-htsat-unfused, and of clap-htsat-fused. */
const CLAP: MelProcessing = {
  kind: 'log-mel',
  rate: 48_000,
  window: 480_000,
  padding: 'repeatpad',
  fftSize: 1024,
  hop: 480,
  mels: 64,
  lowest: 50,
  highest: 14_000,
  fusion: false,
};

/** A sound of several pitches, of which one rises. */
const sound = Float32Array.from({ length: 30_000 }, (_, at) => {
  return 0.4 * Math.sin(at / 20) + 0.2 * Math.sin(at / 3) + 0.1 * Math.sin((at * at) / 200_000);
});

for (const fusion of [false, true]) {
  t.test(`features with${fusion ? '' : 'out'} fusion equal those of a plain computation`, async (t) => {
    const logMel = new LogMel({ ...CLAP, fusion });
    t.same(logMel.shape, [fusion ? 4 : 1, 1001, 64]);
    const features = logMel.compute(sound);
    const filled = [...sound, ...sound];
    const expected = plainLogMel(filled, { ...CLAP, fusion }, 5).flat();
    const furthest = Math.max(...expected.map((value, at) => Math.abs(value - features[at])));
    t.ok(furthest <= 1e-4, `${furthest} dB`);
    const plane = 1001 * 64;
    for (let channel = 1; channel < logMel.shape[0]; channel++) {
      t.ok(features.subarray(channel * plane).every((value, at) => at >= plane || value === features[at]));
    }
  });
}

t.test('a short sound is repeated whole, or until it is cut off, or once', async (t) => {
  const small = { ...CLAP, rate: 8000, window: 1000, fftSize: 64, hop: 50, mels: 8, highest: 4000 };
  const samples = Float32Array.from({ length: 300 }, (_, at) => Math.sin(at * at));
  const silence = (length: number): number[] => Array.from({ length }, () => 0);
  const filled = {
    repeatpad: [...samples, ...samples, ...samples, ...silence(100)],
    repeat: [...samples, ...samples, ...samples, ...samples.subarray(0, 100)],
    pad: [...samples, ...silence(700)],
  };
  for (const padding of ['repeatpad', 'repeat', 'pad'] as const) {
    const features = new LogMel({ ...small, padding }).compute(samples);
    const expected = plainLogMel(filled[padding], small).flat();
    t.equal(features.length, expected.length);
    t.ok(Math.max(...expected.map((value, at) => Math.abs(value - features[at]))) <= 1e-4, padding);
  }
});
