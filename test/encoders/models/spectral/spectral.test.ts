import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readFile, writeFile } from 'node:fs/promises';
import t from 'tap';
import { open } from '@nearfield/engine';
import { encoder, spectral, type EncoderInput, type MediaSource } from '@nearfield/encoders';
import { normalise } from '@nearfield/encoders/internals/models/spectral/normalise';
import { SpectralModel } from '@nearfield/encoders/internals/models/spectral/spectral-model';
import { DIMENSIONS, GROUPS } from '@nearfield/encoders/internals/models/spectral/specification';
import { CENTRES, DEVIATIONS } from '@nearfield/encoders/internals/models/spectral/typical-values';
import { conformance, difference } from '../../conformance.js';
import { wavFile } from '../../preprocess/audio/wav-file.js';
import { plainFeatures } from './plain-spectral.js';

const fixtures = fileURLToPath(new URL('../../../fixtures/sound', import.meta.url));
const RATE = 22_050;
const audio = (audio: MediaSource): EncoderInput => ({ kind: 'audio', audio });
const wav = (samples: ArrayLike<number>): Buffer => wavFile([samples], { rate: RATE, format: 3, bits: 32 });

/** Pseudo-random samples between -1 and 1 (linear congruential generator of Numerical Recipes). */
function noise(length: number, amplitude: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return amplitude * (state / 2 ** 31 - 1);
  });
}

const tone = (hertz: number, length: number, amplitude = 0.5): Float32Array =>
  Float32Array.from({ length }, (_, at) => amplitude * Math.sin((2 * Math.PI * hertz * at) / RATE));

/** A tone, a pause, noise, a higher tone: every feature has something to measure. */
const varied = Float32Array.from([
  ...tone(440, 4000),
  ...noise(5000, 1e-4),
  ...noise(3000, 0.3, 7),
  ...tone(1567, 3000, 0.2),
]);

conformance(t, {
  make: () => spectral(),
  inputs: [
    join(fixtures, 'tone.mp3'),
    pathToFileURL(join(fixtures, 'tone.flac')),
    wav(varied),
    wav(new Float32Array(1)),
    wav(new Float32Array(30_000)),
    wavFile([noise(8000, 0.1), tone(220, 8000)], { rate: 48_000 }),
  ].map(audio),
  underWay: 60,
  foreign: { kind: 'text', text: 'a sound' },
});

t.test('what it declares is known without work', async (t) => {
  const made = await encoder('audio:spectral');
  t.same(made.output, { kind: 'dense', dimensions: 132, metric: 'euclidean' });
  t.same(made.accepts, ['audio']);
  t.equal(made.identity.name, 'audio:spectral');
});

t.test('its groups and constants fit each other', async (t) => {
  t.equal(CENTRES.length, DIMENSIONS);
  t.equal(DEVIATIONS.length, DIMENSIONS);
  t.ok(DEVIATIONS.every((deviation) => deviation > 0));
});

t.test('features equal a plain computation of their definitions', async (t) => {
  const model = new SpectralModel();
  for (const [name, samples] of Object.entries({
    varied,
    'a sound of one sample': Float32Array.of(0.5),
    'a sound shorter than a frame': tone(300, 1500),
    'a frame': noise(2048, 0.2),
    silence: new Float32Array(5000),
    'a sound below the level of pauses': tone(440, 6000, 1e-4),
  })) {
    const features = await model.features(wav(samples), () => false);
    const plain = plainFeatures(Array.from(samples));
    const largest = Math.max(...plain.map((value, at) => Math.abs(value - (features?.[at] ?? Number.NaN))));
    t.equal(features?.length, DIMENSIONS);
    t.ok(largest <= 1e-5, `${name}: ${largest}`);
  }
});

t.test('an embedding counts deviations from what is typical, each group alike, none beyond 4', async (t) => {
  const typical = Float64Array.from(CENTRES);
  t.same(normalise(typical), new Float32Array(DIMENSIONS));
  const unusual = normalise(typical.map((value, at) => value + DEVIATIONS[at]));
  let at = 0;
  for (const { name, features } of GROUPS) {
    const part = unusual.subarray(at, at + features);
    t.ok(Math.abs(part.reduce((sum, value) => sum + value * value, 0) - 0.1) < 1e-6, name);
    at += features;
  }
  const extreme = normalise(typical.map((value, at) => value - 100 * DEVIATIONS[at]));
  t.ok(
    difference(
      extreme,
      unusual.map((value) => -4 * value),
    ) < 1e-5,
  );
});

t.test('like sounds are nearer than others, however loud', async (t) => {
  const made = await spectral();
  t.teardown(() => made.close());
  const sounds = [noise(20_000, 0.4), noise(20_000, 0.1, 99), tone(440, 20_000), tone(466, 20_000, 0.2)];
  const [hiss, otherHiss, low, otherLow] = (await made.encode(sounds.map((s) => audio(wav(s))))) as Float32Array[];
  const distance = (a: Float32Array, b: Float32Array): number => Math.hypot(...a.map((value, at) => value - b[at]));
  t.ok(distance(hiss, otherHiss) < distance(hiss, low) / 2);
  t.ok(distance(low, otherLow) < distance(low, otherHiss) / 2);
});

t.test('an input that cannot be read is reported by its position, or fails the call', async (t) => {
  const made = await spectral({ threads: 2 });
  t.teardown(() => made.close());
  const page = join(t.testdir(), 'page.mp3');
  await writeFile(page, '<html>');
  const inputs = [wav(tone(440, 3000)), page, join(fixtures, 'tone.ogg')].map(audio);
  await t.rejects(made.encode(inputs), {
    code: 'UNREADABLE_MEDIA',
    message: /^Cannot read ".*page\.mp3" as sound: it is an HTML page\. Give a path[^.]*\.$/,
    details: { record: 1, remedy: /^Give a path/ },
  });
  const reported: [number, string][] = [];
  const embeddings = await made.encode(inputs, { onUnreadable: (input, { code }) => reported.push([input, code]) });
  t.same(reported, [[1, 'UNREADABLE_MEDIA']]);
  t.same(embeddings[1], new Float32Array(DIMENSIONS));
  t.same([embeddings[0], embeddings[2]], await made.encode([inputs[0], inputs[2]]));
});

t.test('bytes that are a part of a larger buffer are read alone', async (t) => {
  const made = await spectral();
  t.teardown(() => made.close());
  const bytes = await readFile(join(fixtures, 'tone.mp3'));
  const larger = Buffer.concat([Buffer.alloc(100, 1), bytes, Buffer.alloc(100, 2)]);
  const [alone, part] = await made.encode([audio(bytes), audio(larger.subarray(100, 100 + bytes.length))]);
  t.same(part, alone);
});

t.test('a collection finds sounds by a sound', async (t) => {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const clips = await db.collection('clips', {
    fields: { clip: 'audio' },
    vectors: { sound: { from: ['clip'], encoder: 'audio:spectral' } },
  });
  await clips.upsert([
    { id: 'tone', clip: join(fixtures, 'tone.ogg') },
    { id: 'hiss', clip: wav(noise(20_000, 0.3)) },
    { id: 'silence', clip: wav(new Float32Array(20_000)) },
  ]);
  const { hits } = await clips.search({ near: { vector: 'sound', audio: wav(noise(15_000, 0.2, 5)) } });
  t.equal(hits[0].id, 'hiss');
  t.ok(hits[0].score > hits[1].score && hits[0].score < 0, 'scores are negative distances');
});

t.test('bad options are refused by name', async (t) => {
  await t.rejects(spectral({ threads: 0 }), { code: 'INVALID_ARGUMENT', details: { field: 'threads' } });
  await t.rejects(spectral({ thread: 1 } as object), { code: 'UNKNOWN_OPTION', message: /threads/ });
});
