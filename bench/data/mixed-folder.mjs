// A folder of texts, images and sounds, some of them broken, made with a fixed seed and kept in bench/.cache.
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { uniform } from './random.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));
const clips = fileURLToPath(new URL('../../examples/clips/stored/', import.meta.url));
/** The decoder that the encoders use writes the pictures. */
const sharp = createRequire(new URL('../../packages/encoders/package.json', import.meta.url))('sharp');

const WORDS = 'night sky star garden bread river engine letter winter music stone window forest island captain'.split(
  ' ',
);
const RATE = 22_050;

/** Makers of files, by turns: half texts, three tenths images, two tenths sounds. */
const MAKERS = [text, photo, text, sound, text, drawing, text, clip, text, photo];
/** Kinds of broken files, by turns. */
const BROKEN_MAKERS = [
  ['html-as.png', () => '<!doctype html><title>404 Not Found</title>'],
  ['empty.jpg', () => ''],
  ['latin.txt', () => Buffer.from([0x63, 0x61, 0x66, 0xe9])],
  ['html-as.mp3', () => '<!doctype html><title>404 Not Found</title>'],
  ['cut.webp', async (next) => (await photoBytes(next, 'webp')).subarray(0, 200)],
  ['noise.flac', (next) => Buffer.from(Array.from({ length: 4000 }, () => next() * 256))],
  ['empty.wav', () => ''],
  ['noise.gif', (next) => Buffer.from(Array.from({ length: 4000 }, () => next() * 256))],
];

/** The folder's path and the names of its broken files. */
export async function mixedFolder(files, broken) {
  const folder = join(here, '.cache', `mixed-${files}-${broken}`);
  const next = uniform(files + broken);
  const brokenNames = Array.from({ length: broken }, (_, i) => {
    const [name] = BROKEN_MAKERS[i % BROKEN_MAKERS.length];
    return `${folderOf(i * Math.floor(files / Math.max(broken, 1)))}/broken-${i}-${name}`;
  });
  if (existsSync(folder) && readdirSync(folder, { recursive: true }).includes('complete')) {
    return { folder: join(folder, 'files'), brokenNames };
  }
  rmSync(folder, { recursive: true, force: true });
  for (let i = 0; i < files - broken; i++) {
    mkdirSync(join(folder, 'files', folderOf(i)), { recursive: true });
    await MAKERS[i % MAKERS.length](join(folder, 'files', folderOf(i), `file-${i}`), next);
  }
  for (const [i, name] of brokenNames.entries()) {
    mkdirSync(join(folder, 'files', name, '..'), { recursive: true });
    writeFileSync(join(folder, 'files', name), await BROKEN_MAKERS[i % BROKEN_MAKERS.length][1](next));
  }
  writeFileSync(join(folder, 'complete'), '');
  return { folder: join(folder, 'files'), brokenNames };
}

function folderOf(i) {
  return `part-${String(Math.floor(i / 100)).padStart(3, '0')}`;
}

function text(path, next) {
  const words = Array.from({ length: 30 + Math.floor(next() * 50) }, () => WORDS[Math.floor(next() * WORDS.length)]);
  writeFileSync(`${path}.md`, `# ${words.slice(0, 3).join(' ')}\n\n${words.join(' ')}.\n`);
}

async function photo(path, next) {
  writeFileSync(`${path}.jpg`, await photoBytes(next, 'jpeg'));
}

/** Coloured noise, blurred: 1 024 x 768 pixels. */
function photoBytes(next, format) {
  const raw = { width: 32, height: 24, channels: 3 };
  const pixels = Buffer.from(Array.from({ length: 32 * 24 * 3 }, () => next() * 256));
  return sharp(pixels, { raw }).resize(1024, 768, { kernel: 'cubic' }).toFormat(format).toBuffer();
}

async function drawing(path, next) {
  const circles = Array.from(
    { length: 8 },
    () => `<circle cx="${next() * 256}" cy="${next() * 256}" r="${next() * 60}" fill="hsl(${next() * 360},70%,50%)"/>`,
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256">${circles.join('')}</svg>`;
  writeFileSync(`${path}.png`, await sharp(Buffer.from(svg)).png().toBuffer());
}

/** A chord over noise, one to five seconds, 16-bit mono WAV. */
function sound(path, next) {
  const samples = new Int16Array(RATE * (1 + next() * 4));
  const tones = Array.from({ length: 3 }, () => 80 + next() * 2000);
  for (let i = 0; i < samples.length; i++) {
    const chord = tones.reduce((sum, hertz) => sum + Math.sin((2 * Math.PI * hertz * i) / RATE), 0);
    samples[i] = 6000 * chord + 2000 * (next() - 0.5);
  }
  const header = Buffer.alloc(44);
  header.write('RIFF\0\0\0\0WAVEfmt ', 'latin1');
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(RATE * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples.byteLength, 40);
  writeFileSync(`${path}.wav`, Buffer.concat([header, new Uint8Array(samples.buffer)]));
}

/** A spoken word in Ogg Opus. */
function clip(path, next) {
  const names = readdirSync(clips);
  copyFileSync(join(clips, names[Math.floor(next() * names.length)]), `${path}.opus`);
}
