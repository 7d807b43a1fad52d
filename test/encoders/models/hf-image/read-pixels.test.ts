import sharp from 'sharp';
import t from 'tap';
import { finishImage, pixelValues, readImage } from '@nearfield/encoders/internals/models/hf-image/read-pixels';
import { centreCrop } from '@nearfield/encoders/internals/preprocess/image/tensor';
import type { ImageProcessing } from '@nearfield/encoders/internals/models/hf-image/image-processing';

const [WIDTH, HEIGHT] = [60, 45];
const rgb = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, at) => {
  const [x, y, channel] = [Math.floor(at / 3) % WIDTH, Math.floor(at / 3 / WIDTH), at % 3];
  return Math.round(127 + 90 * Math.sin(x / 4 + channel) + 30 * Math.cos(y / 3));
});
const png = await sharp(rgb, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
  .png()
  .toBuffer();

const exact: ImageProcessing = {
  decoded: { width: WIDTH, height: HEIGHT },
  fit: 'fill',
  kernel: 'cubic',
  size: { width: 8, height: 6 },
  normalization: { scale: 1 / 255, mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3] },
  blueFirst: false,
};

/** A value of the picture after rescaling and normalising. */
function normalised(x: number, y: number, channel: number): number {
  const { mean = [0, 0, 0], std = [1, 1, 1] } = exact.normalization;
  return (rgb[(y * WIDTH + x) * 3 + channel] / 255 - mean[channel]) / std[channel];
}

for (const blueFirst of [false, true]) {
  t.test(`pixel values are of the middle, channel by channel, ${blueFirst ? 'blue' : 'red'} first`, async (t) => {
    const processing = { ...exact, blueFirst };
    const image = finishImage(await readImage(png, processing, undefined), processing);
    const { shape, data } = pixelValues([image, image], processing);
    t.same(shape, [2, 3, 6, 8]);
    const furthest = data.reduce((most, value, at) => {
      const [plane, y, x] = [Math.floor(at / 48) % 3, Math.floor(at / 8) % 6, at % 8];
      return Math.max(most, Math.abs(value - normalised(26 + x, 19 + y, blueFirst ? 2 - plane : plane)));
    }, 0);
    t.ok(furthest <= 1e-5, String(furthest));
  });
}

const KERNELS = {
  linear: { support: 1, weight: (x: number): number => 1 - x },
  cubic: {
    support: 2,
    weight: (x: number): number => (x < 1 ? 1.5 * x ** 3 - 2.5 * x ** 2 + 1 : -0.5 * (x - 1) * (x - 2) ** 2),
  },
  lanczos3: { support: 3, weight: (x: number): number => sinc(x) * sinc(x / 3) },
};

for (const kernel of ['linear', 'cubic', 'lanczos3'] as const) {
  t.test(`resizing (${kernel}) equals a plain computation, smaller and larger`, async (t) => {
    for (const size of [
      { width: 20, height: 15 },
      { width: 90, height: 50 },
      { width: 31, height: 80 },
    ]) {
      const processing = { ...exact, kernel, decoded: size, size };
      const { data } = finishImage(await readImage(png, processing, undefined), processing);
      const furthest = distance(data, plainResize(kernel, size), size, { left: 0, top: 0 });
      t.equal(furthest, 0, `${size.width} x ${size.height}`);
    }
  });
}

t.test('the shorter side comes to its length, the longer is rounded down, and the middle is cut out', async (t) => {
  const processing: ImageProcessing = {
    ...exact,
    fit: 'cover',
    decoded: { width: 31, height: 31 },
    size: { width: 24, height: 20 },
  };
  const { width, height, data } = finishImage(await readImage(png, processing, undefined), processing);
  t.same([width, height], [24, 20]);
  const whole = { width: 41, height: 31 };
  const furthest = distance(data, plainResize('cubic', whole), processing.size, { left: 8, top: 5 });
  t.equal(furthest, 0);
});

t.test('a large image comes to within four levels of a plain computation', async (t) => {
  const [width, height] = [600, 450];
  const large = await sharp(rgb, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .resize({ width, height, kernel: 'cubic' })
    .png()
    .toBuffer();
  const size = { width: 12, height: 9 };
  const processing: ImageProcessing = { ...exact, decoded: size, size };
  const read = await readImage(large, processing, undefined);
  t.ok(read.isFinished);
  const pixels = new Uint8Array(await sharp(large).raw().toBuffer());
  const expected = plainResize('cubic', size, { data: pixels, width, height });
  const inner = { width: size.width - 4, height: size.height - 4 };
  const middle = centreCrop(finishImage(read, processing), inner);
  const furthest = distance(middle.data, expected, inner, { left: 2, top: 2 });
  t.ok(furthest <= 4, `${furthest} levels`);
});

/** The furthest of pixels from those that stand at a place of a larger picture, in levels of 255. */
function distance(
  pixels: Uint8Array,
  whole: (x: number, y: number, channel: number) => number,
  { width }: { width: number },
  { left, top }: { left: number; top: number },
): number {
  return pixels.reduce((most, value, at) => {
    const [x, y, channel] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width), at % 3];
    return Math.max(most, Math.abs(value - whole(left + x, top + y, channel)));
  }, 0);
}

function plainResize(
  kernel: keyof typeof KERNELS,
  size: { width: number; height: number },
  { data, width, height } = { data: rgb, width: WIDTH, height: HEIGHT },
): (x: number, y: number, channel: number) => number {
  const [across, down] = [plainWeights(width, size.width, kernel), plainWeights(height, size.height, kernel)];
  return (x, y, channel) => {
    let sum = 0;
    for (const [row, vertical] of down[y].entries()) {
      if (vertical === 0) continue;
      let mixed = 0;
      for (let column = 0; column < width; column++) {
        mixed += across[x][column] * data[(row * width + column) * 3 + channel];
      }
      sum += vertical * byte(mixed);
    }
    return byte(sum);
  };
}

/** The share of each input pixel in each output pixel of one row: the filter stretched by the scale, as Pillow does it. */
function plainWeights(from: number, to: number, kernel: keyof typeof KERNELS): number[][] {
  const { support, weight } = KERNELS[kernel];
  const scale = Math.max(1, from / to);
  return Array.from({ length: to }, (_, at) => {
    const centre = ((at + 0.5) * from) / to;
    const shares = Array.from({ length: from }, (_, pixel) => {
      const far = Math.abs(pixel + 0.5 - centre) / scale;
      return far < support ? weight(far) : 0;
    });
    const total = shares.reduce((sum, share) => sum + share, 0);
    return shares.map((share) => Math.round((share / total) * 2 ** 22));
  });
}

/** From Pillow's fixed point. */
function byte(sum: number): number {
  return Math.max(0, Math.min(255, Math.floor(sum / 2 ** 22 + 0.5)));
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
