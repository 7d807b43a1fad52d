import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import {
  encoder as encoderByName,
  hfAudio,
  type Encoder,
  type EncoderInput,
  type HfAudioOptions,
} from '@nearfield/encoders';
import { conformance, difference } from '../../conformance.js';
import { hubServer, useHub, type HubFiles } from '../../hub/hub-server.js';
import { wavFile } from '../../preprocess/audio/wav-file.js';
import { repositoryFolder } from '../hf-media/repository-folder.js';
import { mean, unit } from '../hf-media/scalar.js';
import { MEL, tinyClap, tinyWav2Vec } from '../hf-media/tiny-repositories.js';
import { melEmbedding, waveHidden } from '../hf-media/tiny-sound-tower.js';
import { textEmbedding } from '../hf-media/tiny-text-tower.js';
import { plainLogMel } from './plain-log-mel.js';

const text = (text: string): EncoderInput => ({ kind: 'text', text });
const audio = (audio: Uint8Array | string | URL): EncoderInput => ({ kind: 'audio', audio });

/** Samples of a gliding tone, exact in 32 bits. */
function tone(length: number, pitch: number): number[] {
  return Array.from({ length }, (_, at) => Math.fround(0.5 * Math.sin(at * pitch + at * at * 1e-6)));
}

const wav = (samples: readonly number[], rate: number): Uint8Array => {
  return wavFile([samples], { rate, format: 3, bits: 32 });
};

async function open(t: Test, files: HubFiles, options: HfAudioOptions = {}): Promise<Encoder> {
  const encoder = await hfAudio(repositoryFolder(t, files), { threads: 1, ...options });
  t.teardown(() => encoder.close());
  return encoder;
}

const clap = tinyClap();
const folder = repositoryFolder(t, clap.files);

conformance(t, {
  make: () => hfAudio(folder),
  inputs: [audio(wav(tone(2000, 0.1), 8000)), text('red sea'), audio(wav(tone(900, 0.4), 8000)), text('')],
  foreign: { kind: 'image', image: 'picture.png' },
});

/** The tiny CLAP's options, as the plain computation takes them. */
const plain = {
  rate: MEL.sampling_rate,
  fftSize: MEL.fft_window_size,
  hop: MEL.hop_length,
  mels: MEL.feature_size,
  lowest: MEL.frequency_min,
  highest: MEL.frequency_max,
};

t.test('CLAP gives the numbers of a plain computation, from a hub', async (t) => {
  const { endpoint } = await hubServer(t, { 'tiny/clap': clap.files });
  useHub(t, endpoint, t.testdir());
  const encoder = await encoderByName('audio:hf/tiny/clap', { threads: 1 });
  t.teardown(() => encoder.close());
  t.same(encoder.accepts, ['text', 'audio']);
  t.same(encoder.output, { kind: 'dense', dimensions: 6, metric: 'cosine' });
  const samples = tone(3000, 0.2);
  const [heard, read] = await encoder.encode([audio(wav(samples, 8000)), text('red sea')]);
  const filled = [...samples, ...samples, ...Array.from({ length: 2000 }, () => 0)];
  near(t, heard, unit(melEmbedding(clap.sound, [plainLogMel(filled, { ...plain, fusion: false })])));
  const { vocabulary } = clap.tokenizer;
  const ids = ['<s>', 'red</w>', 'sea</w>', '</s>'].map((token) => vocabulary.get(token) ?? Number.NaN);
  near(t, read, unit(textEmbedding(clap.text, ids, ids.length)));
});

t.test('CLAP hides the padding of shorter texts', async (t) => {
  const encoder = await open(t, clap.files);
  const [together] = await encoder.encode([text('red'), text('red sea red sea')]);
  t.ok(difference(together, (await encoder.encode([text('red')]))[0]) <= 1e-6);
});

t.test('CLAP with fusion reads four channels on another scale', async (t) => {
  const { files, sound } = tinyClap('fusion');
  const encoder = await open(t, files);
  const samples = tone(8000, 0.3);
  const features = plainLogMel(samples, { ...plain, fusion: true });
  const expected = unit(melEmbedding(sound, [features, features, features, features]));
  near(t, (await encoder.encode([audio(wav(samples, 8000))]))[0], expected);
});

t.test('a long sound is the mean of its windows, weighted by their length', async (t) => {
  const samples = [...tone(8000, 0.1), ...tone(8000, 0.5), ...tone(4000, 0.9)];
  const parts = [samples.slice(0, 8000), samples.slice(8000, 16_000), samples.slice(16_000)];
  const windows = [...parts.slice(0, 2), [...samples.slice(16_000), ...samples.slice(16_000)]];
  const [first, second, third] = windows.map((window) => {
    return unit(melEmbedding(clap.sound, [plainLogMel(window, { ...plain, fusion: false })]));
  });
  const expected = unit(first.map((value, at) => value + second[at] + third[at] / 2));
  for (const batchSize of [1, 2, 8]) {
    const encoder = await open(t, clap.files, { batchSize });
    near(t, (await encoder.encode([audio(wav(samples, 8000))]))[0], expected);
  }
});

t.test('wav2vec 2.0 gives the mean of its frames over normalised samples', async (t) => {
  const { files, sound } = tinyWav2Vec();
  const encoder = await open(t, files);
  t.same(encoder.accepts, ['audio']);
  const samples = tone(700, 0.3).map((sample) => Math.fround(sample + 0.2));
  const average = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
  const variance = samples.reduce((sum, sample) => sum + (sample - average) ** 2, 0) / samples.length;
  const normal = samples.map((sample) => (sample - average) / Math.sqrt(variance + 1e-7));
  near(t, (await encoder.encode([audio(wav(samples, 1000))]))[0], unit(mean(waveHidden(sound, normal))));
  const raw = await open(t, tinyWav2Vec(false).files);
  near(t, (await raw.encode([audio(wav(samples, 1000))]))[0], unit(mean(waveHidden(sound, samples))));
});

t.test('wav2vec 2.0 reads windows of 10 s, and pads what is shorter than one frame', async (t) => {
  const { files, sound } = tinyWav2Vec(false);
  const encoder = await open(t, files);
  const samples = tone(15_000, 0.2);
  const [whole, rest] = [samples.slice(0, 10_000), samples.slice(10_000)].map((part) => mean(waveHidden(sound, part)));
  const expected = unit(whole.map((value, at) => 2 * value + rest[at]));
  const [long, short] = await encoder.encode([audio(wav(samples, 1000)), audio(wav([0.5, -0.25], 1000))]);
  near(t, long, expected);
  // Kernels of 10 and 3 and a stride of 5 need 20 samples.
  near(t, short, unit(waveHidden(sound, [0.5, -0.25, ...Array.from({ length: 18 }, () => 0)])[0]));
});

t.test('sounds come as bytes, paths and URLs, and those that cannot be read are reported', async (t) => {
  const encoder = await open(t, clap.files);
  const path = join(t.testdir(), 'tone.wav');
  const bytes = wav(tone(1000, 0.2), 8000);
  writeFileSync(path, bytes);
  const readable = [audio(bytes), audio(path), audio(pathToFileURL(path))];
  const [first, second, third] = await encoder.encode(readable);
  t.same([second, third], [first, first]);
  const inputs = [audio('missing.wav'), audio(bytes), audio(Buffer.from('<html>'))];
  await t.rejects(encoder.encode(inputs.slice(1)), { code: 'UNREADABLE_MEDIA', details: { record: 1 } });
  const unread: [number, string][] = [];
  const embeddings = await encoder.encode(inputs, {
    onUnreadable: (at, error) => unread.push([at, `${error.code} ${error.message}`]),
  });
  t.same(unread.map(([at]) => at).sort(), [0, 2]);
  t.match(Object.fromEntries(unread), { 0: /UNREADABLE_MEDIA .*missing\.wav/, 2: /UNREADABLE_MEDIA .*HTML/ });
  t.same(embeddings, [new Float32Array(6), first, new Float32Array(6)]);
});

t.test('options and models that do not fit are refused', async (t) => {
  await t.rejects(hfAudio(folder, { pooling: 'mean' } as never), { code: 'UNKNOWN_OPTION' });
  await t.rejects(hfAudio(folder, { dimensions: 7 }), { code: 'INVALID_ARGUMENT', details: { field: 'dimensions' } });
  const { files } = tinyWav2Vec();
  const preprocessor = JSON.stringify({ feature_extractor_type: 'WhisperFeatureExtractor' });
  const whisper = repositoryFolder(t, { ...files, 'preprocessor_config.json': preprocessor });
  await t.rejects(hfAudio(whisper), { code: 'MODEL_INVALID', message: /feature_extractor_type.*Whisper/s });
});

/** Equal to plain numbers within 1e-5. */
function near(t: Test, embedding: unknown, expected: readonly number[]): void {
  t.ok(difference(embedding as Float32Array, Float32Array.from(expected)) <= 1e-5);
}
