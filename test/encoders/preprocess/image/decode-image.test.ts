import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp, { type Create, type Sharp } from 'sharp';
import t, { type Test } from 'tap';
import { decodeImage } from '@nearfield/encoders/internals/preprocess/image/decode-image';
import { MAX_SVG_BYTES } from '@nearfield/encoders/internals/preprocess/image/limits';
import type { RgbImage } from '@nearfield/encoders/internals/preprocess/image/rgb-image';

const blank = (width: number, height: number, background: Create['background'], channels: 3 | 4 = 3): Sharp => {
  return sharp({ create: { width, height, channels, background }, limitInputPixels: false });
};
/** Left half red, right half blue. */
const halves = (): Sharp => {
  return blank(40, 20, '#f00').composite([
    { input: { create: { width: 20, height: 20, channels: 3, background: '#00f' } }, left: 20, top: 0 },
  ]);
};
const noise = (width: number, height: number): Sharp => {
  return sharp({
    create: { width, height, channels: 3, background: '#000', noise: { type: 'gaussian', mean: 128, sigma: 40 } },
  });
};
const svg = (content: string, attributes = 'width="24" height="24"'): Buffer => {
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${content}</svg>`);
};
const pixel = ({ width, data }: RgbImage, x: number, y: number): number[] => {
  return [...data.subarray((y * width + x) * 3, (y * width + x + 1) * 3)];
};
/** Whether a pixel has a colour up to what compression changes. */
const near = (t: Test, actual: number[], expected: number[], title?: string): void => {
  t.equal(actual.length, 3);
  t.ok(
    Math.max(...actual.map((value, at) => Math.abs(value - (expected[at] ?? 255)))) <= 12,
    `${title ?? 'colour'}: ${actual.join()}`,
  );
};
const refused = (
  t: Test,
  image: string | URL | Uint8Array,
  message: RegExp,
  title = String(message),
): Promise<unknown> => {
  return t.rejects(decodeImage(image, { size: { width: 8, height: 8 } }), { code: 'UNREADABLE_MEDIA', message }, title);
};

const red = [255, 0, 0];
const blue = [0, 0, 255];

t.test('every format is decoded to RGB', async (t) => {
  const formats = {
    jpeg: halves().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }),
    'progressive jpeg': halves().jpeg({ progressive: true, quality: 95, chromaSubsampling: '4:4:4' }),
    png: halves().png(),
    'interlaced png': halves().png({ progressive: true }),
    'png with a palette': halves().png({ palette: true }),
    webp: halves().webp({ quality: 95 }),
    'lossless webp': halves().webp({ lossless: true }),
    gif: halves().gif(),
    avif: halves().avif({ quality: 90, chromaSubsampling: '4:4:4' }),
    tiff: halves().tiff({ compression: 'lzw' }),
    grey: halves().greyscale().png(),
  };
  for (const [format, image] of Object.entries(formats)) {
    const decoded = await decodeImage(await image.toBuffer());
    t.same([decoded.width, decoded.height, decoded.data.length], [40, 20, 40 * 20 * 3], format);
    if (format === 'grey') continue;
    near(t, pixel(decoded, 5, 10), red, format);
    near(t, pixel(decoded, 35, 10), blue, format);
  }
});

t.test('an image is a path, a file: URL as text or object, or bytes', async (t) => {
  const png = await halves().png().toBuffer();
  const path = join(t.testdir(), 'a b%20ü.png');
  await writeFile(path, png);
  const inside = new Uint8Array(png.length + 20);
  inside.set(png, 7);
  for (const source of [path, pathToFileURL(path), pathToFileURL(path).href, png, inside.subarray(7, 7 + png.length)]) {
    t.same(pixel(await decodeImage(source), 0, 0), red);
  }
});

t.test('greyscale, CMYK, 16 bits, Lab and transparency come to 8-bit RGB over white', async (t) => {
  const cases: [string, Sharp, number[]][] = [
    ['greyscale', blank(4, 4, '#808080').toColourspace('b-w').png(), [128, 128, 128]],
    ['16-bit greyscale', blank(4, 4, '#808080').toColourspace('grey16').png(), [128, 128, 128]],
    ['16 bits', blank(4, 4, '#f00').toColourspace('rgb16').png(), red],
    ['CMYK JPEG', blank(4, 4, '#fff').toColourspace('cmyk').jpeg(), [255, 255, 255]],
    ['CMYK TIFF', blank(4, 4, '#000').toColourspace('cmyk').tiff(), [10, 5, 0]],
    ['Lab TIFF', blank(4, 4, '#f00').toColourspace('lab').tiff(), red],
    ['half transparent', blank(4, 4, { r: 255, g: 0, b: 0, alpha: 0.5 }, 4).png(), [255, 128, 128]],
    ['transparent', blank(4, 4, { r: 0, g: 0, b: 0, alpha: 0 }, 4).webp({ lossless: true }), [255, 255, 255]],
    [
      'transparent 16 bits',
      blank(4, 4, { r: 0, g: 0, b: 0, alpha: 0 }, 4).toColourspace('rgb16').png(),
      [255, 255, 255],
    ],
  ];
  for (const [title, image, expected] of cases) {
    const decoded = await decodeImage(await image.toBuffer());
    t.equal(decoded.data.length, 48, title);
    near(t, pixel(decoded, 2, 2), expected, title);
  }
});

t.test('an image is upright by its EXIF orientation, also when it is resized', async (t) => {
  for (const [orientation, top, bottom] of [
    [6, red, blue],
    [8, blue, red],
  ] as const) {
    const turned = await halves().withMetadata({ orientation }).png().toBuffer();
    const whole = await decodeImage(turned);
    t.same([whole.width, whole.height], [20, 40]);
    t.same(pixel(whole, 10, 5), top);
    t.same(pixel(whole, 10, 35), bottom);
    const small = await decodeImage(turned, { size: { width: 8, height: 8 } });
    t.same(pixel(small, 4, 1), top);
    t.same(pixel(small, 4, 6), bottom);
  }
  const upsideDown = await decodeImage(await halves().withMetadata({ orientation: 3 }).jpeg().toBuffer());
  near(t, pixel(upsideDown, 5, 10), blue);
});

t.test('of an animation the first frame is taken', async (t) => {
  const frames = Buffer.concat([Buffer.alloc(16 * 3, Buffer.from(red)), Buffer.alloc(16 * 3, Buffer.from(blue))]);
  const animation = () => sharp(frames, { raw: { width: 4, height: 8, channels: 3, pageHeight: 4 } });
  for (const image of [animation().gif({ delay: [100, 100] }), animation().webp({ lossless: true })]) {
    const decoded = await decodeImage(await image.toBuffer());
    t.same([decoded.width, decoded.height], [4, 4]);
    t.same(pixel(decoded, 2, 2), red);
  }
});

t.test('images of one pixel and of 20 000 in a row, a column and a square are decoded', async (t) => {
  const size = { width: 6, height: 6 };
  for (const [width, height] of [
    [1, 1],
    [20_000, 1],
    [1, 20_000],
    [20_000, 20_000],
  ] as const) {
    const decoded = await decodeImage(await blank(width, height, '#f00').png({ compressionLevel: 1 }).toBuffer(), {
      size,
    });
    t.same([decoded.width, decoded.height, pixel(decoded, 5, 5)], [6, 6, red], `${width} x ${height}`);
  }
  t.same(pixel(await decodeImage(await blank(1, 1, '#00f').png().toBuffer()), 0, 0), blue);
});

t.test('an image fits a size in three ways', async (t) => {
  const image = await halves().png().toBuffer();
  const size = { width: 10, height: 10 };
  const filled = await decodeImage(image, { size, fit: 'fill' });
  t.same([pixel(filled, 0, 0), pixel(filled, 9, 9)], [red, blue]);
  const covered = await decodeImage(image, { size, fit: 'cover' });
  t.same([pixel(covered, 0, 5), pixel(covered, 9, 5)], [red, blue]);
  const contained = await decodeImage(image, { size, fit: 'contain' });
  t.same([pixel(contained, 5, 0), pixel(contained, 0, 5)], [[255, 255, 255], red]);
  const cropped = await decodeImage(image, { size, crop: { left: 7, top: 1, width: 2, height: 3 } });
  t.same([cropped.width, cropped.height, pixel(cropped, 0, 0)], [2, 3, blue]);
});

t.test('stripes as fine as pixels become grey when they are made smaller, not stripes', async (t) => {
  const stripes = Buffer.alloc(64 * 64 * 3, Buffer.from([0, 0, 0, 255, 255, 255]));
  const image = await sharp(stripes, { raw: { width: 64, height: 64, channels: 3 } })
    .png()
    .toBuffer();
  for (const kernel of ['linear', 'cubic', 'lanczos3'] as const) {
    near(t, pixel(await decodeImage(image, { size: { width: 8, height: 8 }, kernel }), 4, 4), [128, 128, 128], kernel);
  }
});

t.test('an SVG is drawn at the size asked for', async (t) => {
  const decoded = await decodeImage(svg('<rect width="12" height="24" fill="red"/>'), {
    size: { width: 240, height: 240 },
  });
  t.same(pixel(decoded, 118, 120), red, 'sharp up to the edge');
  t.same(pixel(decoded, 121, 120), [255, 255, 255]);
});

t.test('an SVG reads nothing outside of it', async (t) => {
  let requests = 0;
  const server = createServer((_, response) => void (requests++, response.end()));
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  t.teardown(() => server.close());
  const folder = t.testdir();
  const secret = join(folder, 'secret.png');
  await blank(24, 24, '#f00').png().toFile(secret);
  const references = [
    pathToFileURL(secret).href,
    'secret.png',
    `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret.png`,
  ];
  for (const reference of references) {
    const path = join(folder, 'picture.svg');
    await writeFile(path, svg(`<image href="${reference}" width="24" height="24"/>`));
    t.same(pixel(await decodeImage(path), 12, 12), [255, 255, 255], reference);
  }
  t.equal(requests, 0);
  const entity = `<!DOCTYPE svg [<!ENTITY x SYSTEM "${pathToFileURL(secret).href}">]>`;
  await refused(t, Buffer.concat([Buffer.from(entity), svg('<text>&x;</text>')]), /Cannot read .* as an image/);
});

t.test('an SVG that describes work without end is refused', async (t) => {
  const levels = Array.from({ length: 10 }, (_, at) => {
    return `<g id="g${at + 1}">${`<use href="#g${at}"/>`.repeat(10)}</g>`;
  });
  const nested = svg(`<defs><rect id="g0" width="1" height="1"/>${levels.join('')}</defs><use href="#g10"/>`);
  await refused(t, nested, /exceeded/);
  const names = [...'abcdefghi'];
  const entities = names.map((name, at) => `<!ENTITY ${name} "${at === 0 ? 'ha' : `&${names[at - 1]};`.repeat(10)}">`);
  const laughs = Buffer.concat([Buffer.from(`<!DOCTYPE svg [${entities.join('')}]>`), svg('<text>&i;</text>')]);
  await refused(t, laughs, /XML/);
  await refused(t, svg('', 'width="1000000" height="1000000"'), /Cannot read .* as an image/);
  await refused(t, Buffer.concat([svg(''), Buffer.alloc(MAX_SVG_BYTES, ' ')]), /too large.*Convert it to PNG/);
});

t.test('an image of more pixels than the limit is refused by its header', async (t) => {
  const small = await blank(10, 10, '#fff').png().toBuffer();
  small.writeUInt32BE(30_000, 16);
  small.writeUInt32BE(30_000, 20);
  // The checksum of the changed header chunk.
  small.writeUInt32BE(crc32(small.subarray(12, 29)), 29);
  await refused(t, small, /too many pixels; expected at most 400000000 pixels; received 30000 x 30000/);
  const interlaced = await blank(12_000, 9_000, '#fff').png({ progressive: true, compressionLevel: 1 }).toBuffer();
  await refused(t, interlaced, /too many pixels; expected at most 100000000/);
  await t.rejects(
    decodeImage(await blank(12_000, 9_000, '#fff').png({ compressionLevel: 1 }).toBuffer()),
    { code: 'UNREADABLE_MEDIA' },
    'not resized',
  );
});

t.test('a file that is cut off anywhere is refused', async (t) => {
  const image = noise(120, 80);
  const formats = {
    jpeg: image.clone().jpeg(),
    png: image.clone().png(),
    webp: image.clone().webp(),
    gif: image.clone().gif(),
    avif: image.clone().avif(),
    tiff: image.clone().tiff({ compression: 'lzw' }),
  };
  for (const [format, encoded] of Object.entries(formats)) {
    const bytes = await encoded.toBuffer();
    for (const share of [0.02, 0.3, 0.6, 0.95]) {
      await refused(
        t,
        bytes.subarray(0, Math.floor(bytes.length * share)),
        /Cannot read \d+ given bytes as an image/,
        `${format} to ${share}`,
      );
    }
  }
});

t.test('what is no image is refused by its name, with what it is and what to do', async (t) => {
  const folder = t.testdir({
    'page.png': '<!DOCTYPE html><html><body>Not found</body></html>',
    'data.jpg': '{"error": 404}',
    'note.gif': 'just a note',
    'empty.webp': '',
    folder: {},
  });
  await writeFile(join(folder, 'noise.png'), Buffer.from(Array.from({ length: 300 }, (_, at) => (at * 7919) % 251)));
  const cases: [string, RegExp][] = [
    ['page.png', /page\.png" as an image: it is not an image.*received an HTML page/],
    ['data.jpg', /data\.jpg" as an image: it is not an image.*received JSON/],
    ['note.gif', /note\.gif" as an image: it is not an image.*expected JPEG, PNG, WebP.*received text/],
    ['empty.webp', /empty\.webp" as an image: it is empty/],
    ['noise.png', /noise\.png" as an image: it is damaged, cut off or of an unknown format/],
    ['missing.png', /missing\.png" as an image: there is no such file\. Check the path/],
    [join('page.png', 'inner.png'), /there is no such file/],
    ['folder', /folder" as an image: it is a folder/],
  ];
  for (const [name, message] of cases) await refused(t, join(folder, name), message);
  await refused(t, pathToFileURL(join(folder, 'page.png')), /file:.*page\.png" as an image: it is not an image/);
  await refused(t, 'https://example.org/cat.png', /cat\.png" as an image: it is not a local file.*Download it first/);
  await refused(t, new URL('https://example.org/cat.png'), /it is not a local file/);
  await refused(t, new Uint8Array(), /it is empty/);
  await refused(t, Buffer.from('%PDF-1.4'), /a PDF document/);
});

t.test('a fired signal aborts', async (t) => {
  const png = await halves().png().toBuffer();
  await t.rejects(decodeImage(png, { signal: AbortSignal.abort() }), { code: 'ABORTED' });
});

/** CRC-32 of PNG (ISO 3309). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
