import { execFile } from 'node:child_process';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import t from 'tap';
import { encoder as encoderOf, mobilenetV2, type EncoderInput, type MediaSource } from '@nearfield/encoders';
import { conformance, difference } from '../../conformance.js';

const cache = t.testdir();
process.env.NEARFIELD_CACHE = cache;

const input = (image: MediaSource): EncoderInput => ({ kind: 'image', image });
const drawing = (shape: string, background = '#567', side = 96): Promise<Buffer> => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="${side}" height="${side}">
    <rect width="96" height="96" fill="${background}"/>${shape}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
};
const DISC = '<circle cx="48" cy="48" r="30" fill="#e33"/>';
const BARS = '<path d="M10 10h10v76h-10zM40 10h10v76h-10zM70 10h10v76h-10z" fill="#ee3"/>';
const STAR = '<path d="M48 8 58 38h30L64 56l9 30-25-18-25 18 9-30L8 38h30z" fill="#fff"/>';
const cosine = (a: unknown, b: unknown): number => {
  return (a as Float32Array).reduce((sum, value, at) => sum + value * ((b as Float32Array)[at] ?? Number.NaN), 0);
};

const pictures = await Promise.all([DISC, BARS, STAR].map((shape) => drawing(shape)));
const [disc, bars, star] = pictures as [Buffer, Buffer, Buffer];

conformance(t, {
  make: () => mobilenetV2(),
  inputs: [
    disc,
    bars,
    await sharp(star).jpeg().toBuffer(),
    await sharp(star).resize(5, 300, { fit: 'fill' }).webp().toBuffer(),
  ].map(input),
  foreign: { kind: 'text', text: 'a disc' },
});

t.test('what it declares is known without loading the model', async (t) => {
  const encoder = await encoderOf('image:mobilenet-v2', { threads: 1 });
  t.same(encoder.output, { kind: 'dense', dimensions: 1792, metric: 'cosine' });
  t.same(encoder.accepts, ['image']);
  t.equal(encoder.strength, 0.5);
  t.equal(encoder.identity.name, 'image:mobilenet-v2');
});

t.test('an image has the same embedding as a path, a file: URL and bytes', async (t) => {
  const encoder = await mobilenetV2();
  t.teardown(() => encoder.close());
  const path = join(t.testdir(), 'disc.png');
  await writeFile(path, disc);
  const embeddings = await encoder.encode([path, pathToFileURL(path), pathToFileURL(path).href, disc].map(input));
  for (const embedding of embeddings) t.equal(difference(embedding, embeddings[0]), 0);
  t.ok(Math.abs(Math.hypot(...(embeddings[0] as Float32Array)) - 1) < 1e-5, 'embeddings have length 1');
});

t.test('another drawing of the same is nearer than something else', async (t) => {
  const encoder = await mobilenetV2();
  t.teardown(() => encoder.close());
  const other = await drawing('<circle cx="50" cy="46" r="26" fill="#d22"/>', '#678', 300);
  const [first, second, ...rest] = await encoder.encode(
    [disc, await sharp(other).jpeg().toBuffer(), bars, star].map(input),
  );
  for (const embedding of rest) t.ok(cosine(first, second) > cosine(first, embedding) + 0.1);
});

t.test('size and place on a white or transparent ground do not matter', async (t) => {
  const encoder = await mobilenetV2();
  t.teardown(() => encoder.close());
  const extended = (left: number, top: number, right: number, bottom: number, alpha: number) => {
    return sharp(bars)
      .extend({ left, top, right, bottom, background: { r: 255, g: 255, b: 255, alpha } })
      .png()
      .toBuffer();
  };
  const [centre, corner, small] = await encoder.encode(
    [await extended(40, 40, 40, 40, 1), await extended(70, 10, 10, 60, 1), await extended(160, 20, 160, 300, 0)].map(
      input,
    ),
  );
  t.ok(cosine(centre, corner) > 0.95, `${cosine(centre, corner)}`);
  t.ok(cosine(centre, small) > 0.95, `${cosine(centre, small)}`);
});

t.test('an image of one colour has an embedding, white too', async (t) => {
  const encoder = await mobilenetV2();
  t.teardown(() => encoder.close());
  for (const background of ['#fff', '#000']) {
    const plain = await sharp({ create: { width: 3, height: 2, channels: 3, background } })
      .png()
      .toBuffer();
    const [embedding] = await encoder.encode([input(plain)]);
    t.ok(Math.abs(Math.hypot(...(embedding as Float32Array)) - 1) < 1e-5);
  }
});

t.test('an unreadable image fails the call by its position and its name', async (t) => {
  const encoder = await mobilenetV2();
  t.teardown(() => encoder.close());
  const folder = t.testdir({ 'broken.png': '<!DOCTYPE html>' });
  const inputs = [disc, bars, join(folder, 'broken.png')].map(input);
  await t.rejects(encoder.encode(inputs), {
    code: 'UNREADABLE_MEDIA',
    message: /broken\.png" as an image: it is not an image.*an HTML page/,
    details: { record: 2 },
  });
  t.equal((await encoder.encode(inputs.slice(0, 2))).length, 2);
});

t.test('unreadable images are reported by their positions, and have zeros', async (t) => {
  const encoder = await mobilenetV2();
  t.teardown(() => encoder.close());
  const images = Array.from({ length: 40 }, (_, at): MediaSource => {
    return at % 4 === 1 ? disc.subarray(0, 40) : (pictures[at % 3] as Buffer);
  });
  const reported = new Map<number, string>();
  const embeddings = await encoder.encode(images.map(input), {
    onUnreadable: (position, error) => {
      t.equal(error.details.record, position);
      reported.set(position, error.code);
    },
  });
  const expected = await encoder.encode(pictures.map(input));
  for (const [at, embedding] of embeddings.entries()) {
    t.equal(reported.get(at), at % 4 === 1 ? 'UNREADABLE_MEDIA' : undefined);
    t.ok(difference(embedding, at % 4 === 1 ? new Float32Array(1792) : expected[at % 3]) <= 1e-5);
  }
  t.same(await encoder.encode([input(new Uint8Array())], { onUnreadable: () => undefined }), [new Float32Array(1792)]);
});

t.test('what `onUnreadable` throws fails the call', async (t) => {
  const encoder = await mobilenetV2();
  t.teardown(() => encoder.close());
  const refuse = (): never => {
    throw new Error('enough');
  };
  await t.rejects(encoder.encode([input(disc), input('missing.png')], { onUnreadable: refuse }), { message: 'enough' });
});

t.test('bad options are refused by name', async (t) => {
  await t.rejects(mobilenetV2({ thread: 1 } as never), { code: 'UNKNOWN_OPTION', message: /Did you mean `threads`/ });
  for (const threads of [0, 1.5, Number.NaN, '2']) {
    await t.rejects(mobilenetV2({ threads } as never), { code: 'INVALID_ARGUMENT', details: { field: 'threads' } });
  }
});

t.test('a damaged converted model is made anew', async (t) => {
  const first = await mobilenetV2();
  const expected = await first.encode([input(disc)]);
  await first.close();
  const files = await readdir(join(cache, 'nearfield', 'models'));
  const name = files.find((file) => /^mobilenet.*onnx$/.test(file));
  const path = join(cache, 'nearfield', 'models', String(name));
  const bytes = await readFile(path);
  bytes[bytes.length >> 1] ^= 0xff;
  await writeFile(path, bytes);
  t.same(await first.encode([input(disc)]), expected);
  await first.close();
});

t.test('a process with a loaded model ends by itself and prints nothing on stderr', async (t) => {
  const script = join(t.testdir(), 'script.mjs');
  await writeFile(
    script,
    `const { mobilenetV2 } = await import(${JSON.stringify(import.meta.resolve('@nearfield/encoders'))});
     const encoder = await mobilenetV2();
     const image = Buffer.from(${JSON.stringify(disc.toString('base64'))}, 'base64');
     const [embedding] = await encoder.encode([{ kind: 'image', image }]);
     console.log(embedding.length);`,
  );
  const env = { PATH: process.env.PATH, NEARFIELD_CACHE: cache };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script], { env });
  t.equal(stdout, '1792\n');
  t.equal(stderr, '');
});
