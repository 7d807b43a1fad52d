import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { encoder, speech, type EncoderInput, type MediaSource } from '@nearfield/encoders';
import { modelFiles } from '@nearfield/encoders/internals/models/speech/model-files';
import { Session } from '@nearfield/encoders/internals/session/session';
import { abortWhenWatched } from '../../abort-when-watched.js';
import { conformance, difference } from '../../conformance.js';
import { wavFile } from '../../preprocess/audio/wav-file.js';

const fixtures = fileURLToPath(new URL('../../../fixtures/sound', import.meta.url));
const RATE = 16_000;
const audio = (audio: MediaSource): EncoderInput => ({ kind: 'audio', audio });
const wav = (samples: ArrayLike<number>): Buffer => wavFile([samples], { rate: RATE, format: 3, bits: 32 });

/** A hum that rises and falls, with overtones, somewhat like a voice. */
function hum(seconds: number): Float32Array {
  return Float32Array.from({ length: seconds * RATE }, (_, at) => {
    const phase = (2 * Math.PI * 150 * at) / RATE + 8 * Math.sin((2 * Math.PI * 0.7 * at) / RATE);
    const loudness = 0.15 * (1 + Math.sin((2 * Math.PI * 3 * at) / RATE));
    return loudness * (Math.sin(phase) + 0.5 * Math.sin(2 * phase) + 0.3 * Math.sin(7 * phase));
  });
}

conformance(t, {
  make: () => speech(),
  inputs: [
    join(fixtures, 'tone.mp3'),
    wav(hum(0.4)),
    wav(new Float32Array(1)),
    wavFile([hum(0.3), hum(0.3)], { rate: 8000 }),
  ].map(audio),
  underWay: 60,
  foreign: { kind: 'image', image: 'picture.png' },
});

t.test('what it declares is known without loading the model', async (t) => {
  const made = await encoder('audio:speech');
  t.same(made.output, { kind: 'dense', dimensions: 192, metric: 'cosine' });
  t.same(made.accepts, ['audio']);
  t.equal(made.identity.name, 'audio:speech');
});

t.test('an embedding equals the models run plainly over all windows', async (t) => {
  const made = await speech({ threads: 1 });
  t.teardown(() => made.close());
  // The last reaches into a third block of 128 windows.
  for (const seconds of [0.01, 0.5, 3, 24]) {
    const sound = hum(seconds);
    const [embedding] = await made.encode([audio(wav(sound))]);
    const largest = difference(embedding, await plainEmbedding(sound));
    t.ok(largest <= 1e-5, `${seconds} s: ${largest}`);
    t.ok(Math.abs(Math.hypot(...(embedding as Float32Array)) - 1) < 1e-5, 'its length is 1');
  }
});

t.test('silence, and a sound of one sample, have embeddings of finite numbers', async (t) => {
  const made = await speech();
  t.teardown(() => made.close());
  for (const sound of [new Float32Array(RATE), Float32Array.of(1), Float32Array.of(0)]) {
    const [embedding] = (await made.encode([audio(wav(sound))])) as Float32Array[];
    t.ok(embedding.every(Number.isFinite));
    t.ok(Math.abs(Math.hypot(...embedding) - 1) < 1e-5);
  }
});

t.test('a long sound is left off when the signal fires', async (t) => {
  const made = await speech({ threads: 1 });
  t.teardown(() => made.close());
  const long = wavFile([new Float32Array(60 * 60 * 8000)], { rate: 8000, bits: 8 });
  await t.rejects(made.encode([audio(long)], { signal: abortWhenWatched() }), { code: 'ABORTED' });
  // Closing waits for the thread: it stops between two blocks, and not after the hour.
  await made.close();
});

t.test('an input that cannot be read is reported by its position', async (t) => {
  const made = await speech();
  t.teardown(() => made.close());
  const inputs = [join(fixtures, 'missing.wav'), join(fixtures, 'tone.flac')].map(audio);
  const reported: number[] = [];
  const [zeros, tone] = await made.encode(inputs, { onUnreadable: (input) => reported.push(input) });
  t.same(reported, [0]);
  t.same(zeros, new Float32Array(192));
  t.ok(Math.hypot(...(tone as Float32Array)) > 0.99);
});

t.test('bad options are refused by name', async (t) => {
  await t.rejects(speech({ threads: 1.5 }), { code: 'INVALID_ARGUMENT', details: { field: 'threads' } });
});

/** Mean and maximum of the model's embeddings, the floor of the log-mel model taken over blocks of 128 windows. */
async function plainEmbedding(sound: Float32Array): Promise<Float32Array> {
  const files = modelFiles();
  const mel = await Session.open(await readFile(files.melSpectrogram), { threads: 1 });
  const embedding = await Session.open(await readFile(files.embedding), { threads: 1 });
  const padded = Float32Array.from([...new Float32Array(8000), ...sound, ...new Float32Array(8000)]);
  const blockLength = (127 * 8 + 75) * 160 + 512;
  const windows: number[][] = [];
  for (let start = 0; start + 75 * 160 + 512 <= padded.length; start += 128 * 1280) {
    const block = padded.slice(start, start + blockLength).map((sample) => sample * 32_767);
    const [{ shape, data }] = await mel.run({ input: { shape: [1, block.length], data: block } });
    for (let frame = 0; frame + 76 <= shape[2]; frame += 8) {
      const values = Float32Array.from(
        { length: 76 * 32 },
        (_, at) => (data as Float32Array)[frame * 32 + at] / 10 + 2,
      );
      const [window] = await embedding.run({ input_1: { shape: [1, 76, 32, 1], data: values } });
      windows.push(Array.from(window.data as Float32Array));
    }
  }
  await Promise.all([mel.close(), embedding.close()]);
  const mean = windows[0].map((_, at) => windows.reduce((sum, window) => sum + window[at], 0) / windows.length);
  const most = windows[0].map((_, at) => Math.max(...windows.map((window) => window[at])));
  const unit = (vector: number[]): number[] => vector.map((value) => value / Math.hypot(...vector));
  return Float32Array.from([...unit(mean), ...unit(most)], (value) => value / Math.SQRT2);
}
