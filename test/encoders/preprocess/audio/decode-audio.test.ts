import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fc from 'fast-check';
import t from 'tap';
import type { NearfieldError } from '@nearfield/engine';
import type { MediaSource } from '@nearfield/encoders';
import { decodeAudio, decodeStart } from '@nearfield/encoders/internals/preprocess/audio/decode-audio';
import { wavFile, wavHeader } from './wav-file.js';

const fixtures = fileURLToPath(new URL('../../../fixtures/sound', import.meta.url));
const RATE = 22_050;
const LENGTH = 11_025;

/** The sound of the fixtures: see their README. */
const left = Float64Array.from({ length: LENGTH }, (_, at) => 0.5 * Math.sin((2 * Math.PI * 440 * at) / RATE));
const right = Float64Array.from({ length: LENGTH }, (_, at) => 0.25 * Math.sin((2 * Math.PI * 1000 * at) / RATE));
const mono = left.map((value, at) => (value + right[at]) / 2);

async function decoded(source: MediaSource, rate = RATE): Promise<Float32Array> {
  const pieces: Float32Array[] = [];
  for await (const piece of decodeAudio(source, { rate })) {
    if (piece.length === 0) throw new Error('A piece is empty');
    pieces.push(piece.slice());
  }
  const whole = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let at = 0; at < Math.min(a.length, b.length); at++) largest = Math.max(largest, Math.abs(a[at] - b[at]));
  return largest;
}

/** Root mean square of the difference over that of the expected sound. */
function relativeError(actual: Float32Array, expected: Float64Array): number {
  let [error, power] = [0, 0];
  for (let at = 0; at < expected.length; at++) {
    error += (actual[at] - expected[at]) ** 2;
    power += expected[at] ** 2;
  }
  return Math.sqrt(error / power);
}

t.test('WAV of every depth is read, with both channels mixed', async (t) => {
  const forms = [
    { format: 1, bits: 8, within: 1 / 127 },
    { format: 1, bits: 16, within: 1 / 32_767 },
    { format: 1, bits: 24, within: 1e-6 },
    { format: 1, bits: 32, within: 1e-7 },
    { format: 3, bits: 32, within: 1e-7 },
    { format: 3, bits: 64, within: 1e-7 },
    { format: 6, bits: 8, within: 1 / 40 },
    { format: 7, bits: 8, within: 1 / 40 },
  ];
  for (const { format, bits, within } of forms) {
    for (const extensible of [false, true]) {
      const bytes = wavFile([left, right], { rate: RATE, format, bits, extensible });
      const samples = await decoded(bytes);
      const name = `format ${format}, ${bits} bits${extensible ? ', extensible' : ''}`;
      t.equal(samples.length, LENGTH, name);
      t.ok(largestDifference(samples, mono) <= within, name);
    }
  }
});

t.test('a WAV header that leaves the size of a block at 0 is read', async (t) => {
  const bytes = wavFile([left, right], { rate: RATE });
  const expected = await decoded(bytes);
  bytes.writeUInt16LE(0, 32);
  t.same(await decoded(bytes), expected);
});

t.test('FLAC gives the exact samples, in Ogg too', async (t) => {
  for (const name of ['tone.flac', 'tone-flac.ogg']) {
    const samples = await decoded(join(fixtures, name));
    t.equal(samples.length, LENGTH, name);
    t.ok(largestDifference(samples, mono) <= 1 / 32_768, name);
  }
});

t.test('MP3, Ogg Vorbis and Opus give the sound at its place in time', async (t) => {
  for (const [name, within] of [
    ['tone.mp3', 0.06],
    ['tone.ogg', 0.05],
    ['tone.opus', 0.1],
  ] as const) {
    const samples = await decoded(join(fixtures, name));
    t.ok(Math.abs(samples.length - LENGTH) <= 1, `${name} has ${samples.length} samples`);
    t.ok(relativeError(samples, mono) < within, `${name}: ${relativeError(samples, mono)}`);
  }
});

t.test('a path, a file: URL as an object or a text, and bytes give the same sound', async (t) => {
  const path = join(fixtures, 'tone.flac');
  const expected = await decoded(path);
  const bytes = await readFile(path);
  const padded = new Uint8Array(bytes.length + 20).fill(7);
  padded.set(bytes, 9);
  const sources = [pathToFileURL(path), pathToFileURL(path).href, bytes, padded.subarray(9, 9 + bytes.length)];
  for (const source of sources) t.same(await decoded(source), expected);
});

t.test('the start of a sound is cut at a number of seconds', async (t) => {
  const path = join(fixtures, 'tone.flac');
  const whole = await decoded(path);
  t.same(await decodeStart(path, { rate: RATE, seconds: 0.1 }), whole.slice(0, 2205));
  t.same(await decodeStart(path, { rate: RATE, seconds: 100 }), whole);
});

t.test('a sound that is cut off is used as far as it goes', async (t) => {
  for (const name of ['tone.mp3', 'tone.flac', 'tone.ogg', 'tone.opus', 'tone-flac.ogg']) {
    const bytes = await readFile(join(fixtures, name));
    const whole = await decoded(bytes);
    const cut = await decoded(bytes.subarray(0, bytes.length - 400));
    t.ok(cut.length > 1000 && cut.length <= whole.length, `${name}: ${cut.length} of ${whole.length} samples`);
    t.ok(largestDifference(cut.subarray(0, 1000), whole) < 1e-6, `${name} starts alike`);
  }
  const wav = wavFile([left], { rate: RATE });
  t.equal((await decoded(wav.subarray(0, 44 + 2001))).length, 1000, 'half a sample is left out');
});

t.test('a damaged sound is read without a word on the console', async (t) => {
  const printed = t.capture(console, 'error');
  const bytes = Uint8Array.from(await readFile(join(fixtures, 'tone.mp3')));
  for (let at = 1500; at < 3000; at += 7) bytes[at] ^= 0xff;
  t.ok((await decoded(bytes)).length > 1000);
  t.same(printed(), []);
});

t.test('whatever bytes are changed or missing, there is sound of finite numbers or UNREADABLE_MEDIA', async (t) => {
  const names = ['tone.mp3', 'tone.ogg', 'tone.opus', 'tone.flac', 'tone-flac.ogg'];
  const files = await Promise.all(names.map((name) => readFile(join(fixtures, name))));
  const wav = wavFile([left, right], { rate: RATE, extensible: true });
  const damage = fc.record({
    file: fc.constantFrom<Uint8Array>(...files, wav),
    changes: fc.array(fc.tuple(fc.nat(1 << 15), fc.nat(255), fc.boolean()), { minLength: 1, maxLength: 40 }),
    kept: fc.option(fc.nat(1 << 14), { freq: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(damage, async ({ file, changes, kept }) => {
      const bytes = Uint8Array.from(file);
      for (const [at, value, inHead] of changes) bytes[at % (inHead ? 100 : bytes.length)] = value;
      try {
        return (await decoded(bytes.subarray(0, kept ?? bytes.length))).every(Number.isFinite);
      } catch (error) {
        return (error as NearfieldError).code === 'UNREADABLE_MEDIA';
      }
    }),
    { seed: 11, numRuns: 200 },
  );
  t.pass('none was anything else');
});

t.test('samples that are no numbers become silence, and huge ones are cut off', async (t) => {
  const samples = [Number.NaN, Number.POSITIVE_INFINITY, 1e30, -1e30, 0.5];
  const bytes = wavFile([samples], { rate: RATE, format: 3, bits: 32 });
  t.same(await decoded(bytes), Float32Array.of(0, 0, 16, -16, 0.5));
});

t.test('what is not sound is refused with its name and the reason', async (t) => {
  const folder = t.testdir({
    'page.mp3': '<!DOCTYPE html>\n<html><body>Not found</body></html>',
    'empty.wav': '',
    'data.wav': '{"json": true}',
    'noise.flac': '\u0001\u0002\u0003\u0004 nothing that is known',
    'picture.ogg': '<?xml version="1.0"?><svg/>',
  });
  const silent = join(folder, 'silent.wav');
  await writeFile(silent, wavHeader(0, 1, { rate: RATE }));
  const cases: [MediaSource, RegExp][] = [
    [join(folder, 'page.mp3'), /page\.mp3" as sound: it is an HTML page/],
    [join(folder, 'empty.wav'), /empty\.wav" as sound: it is empty/],
    [join(folder, 'data.wav'), /data\.wav" as sound: it is text/],
    [join(folder, 'noise.flac'), /noise\.flac" as sound: its first bytes \(01 02 03 04\)/],
    [join(folder, 'picture.ogg'), /picture\.ogg" as sound: it is XML/],
    [join(folder, 'missing.mp3'), /missing\.mp3" as sound: there is no such file/],
    [folder, /as sound: it is a folder/],
    [silent, /silent\.wav" as sound: it holds no sound/],
    ['', /"" as sound: there is no such file/],
    [new URL('https://example.org/a.mp3'), /example\.org\/a\.mp3" as sound: it is not a local file/],
    [new Uint8Array(), /0 given bytes as sound: it is empty/],
    [Buffer.from('fLaC and then nothing'), /21 given bytes as sound: it holds no sound/],
    [wavFile([left], { rate: 4_000_000 }), /rate of 4000000 samples/],
    [wavFile([left], { rate: RATE, format: 0x55 }), /Unsupported WAV format/],
  ];
  for (const [source, message] of cases) {
    await t.rejects(decoded(source), { code: 'UNREADABLE_MEDIA', message }, String(message));
  }
});

t.test('ten minutes are decoded in small pieces and little memory', async (t) => {
  const path = join(t.testdir(), 'long.wav');
  const [rate, seconds] = [48_000, 600];
  const bytes = rate * seconds * 8;
  await appendFile(path, wavHeader(bytes, 2, { rate, format: 3, bits: 32 }));
  // Silence that takes no room on the disk.
  await truncate(path, 58 - 14 + bytes);
  const before = process.memoryUsage().rss;
  let [samples, longest, most] = [0, 0, 0];
  for await (const piece of decodeAudio(path, { rate })) {
    samples += piece.length;
    longest = Math.max(longest, piece.length);
    most = Math.max(most, process.memoryUsage().rss - before);
  }
  t.equal(samples, rate * seconds);
  t.ok(longest < rate, `the longest piece has ${longest} samples`);
  t.ok(most < bytes / 2, `${most >> 20} MiB more than before, of ${bytes >> 20} MiB`);
});
