import t from 'tap';
import { centreCrop, imageTensor, normalizePixels } from '@nearfield/encoders/internals/preprocess/image/tensor';
import type { RgbImage } from '@nearfield/encoders/internals/preprocess/image/rgb-image';

/** Pixel (x, y) has the channels 10 y + x, and that plus 100 and plus 200. */
function numbered(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++) data[(y * width + x) * 3 + channel] = channel * 100 + y * 10 + x;
    }
  }
  return { width, height, data };
}
const reds = ({ data }: RgbImage): number[] => Array.from(data).filter((_, at) => at % 3 === 0);

t.test('pixels are scaled and normalized per channel, in either layout', async (t) => {
  const pixels = Uint8Array.of(0, 51, 102, 255, 204, 153);
  const into = new Float32Array(6);
  normalizePixels(pixels, into, 'HWC');
  t.same(Array.from(into), Array.from(Float32Array.of(0, 0.2, 0.4, 1, 0.8, 0.6)));
  normalizePixels(pixels, into, 'CHW', { mean: [0.5, 0.25, 0], std: [0.5, 0.25, 2] });
  const expected = [-1, 1, -0.2, 2.2, 0.2, 0.3];
  for (const [at, value] of into.entries()) t.ok(Math.abs(value - (expected[at] ?? Number.NaN)) < 1e-6, `number ${at}`);
  normalizePixels(pixels, into, 'CHW', { scale: 1 });
  t.same(Array.from(into), [0, 255, 51, 204, 102, 153]);
});

t.test('images become one tensor', async (t) => {
  const images = [numbered(3, 2), numbered(3, 2)];
  const last = imageTensor(images, 'HWC', { scale: 1 });
  t.same(last.shape, [2, 2, 3, 3]);
  t.same(Array.from(last.data.subarray(18, 24)), [0, 100, 200, 1, 101, 201]);
  const first = imageTensor(images, 'CHW', { scale: 1 });
  t.same(first.shape, [2, 3, 2, 3]);
  t.same(Array.from(first.data.subarray(0, 7)), [0, 1, 2, 10, 11, 12, 100]);
  t.same(imageTensor([], 'CHW'), { shape: [0, 3, 0, 0], data: new Float32Array() });
});

t.test('the middle of an image is cut out, and padded with black where it is too small', async (t) => {
  t.same(reds(centreCrop(numbered(5, 4), { width: 3, height: 2 })), [11, 12, 13, 21, 22, 23]);
  t.same(reds(centreCrop(numbered(4, 3), { width: 1, height: 1 })), [11]);
  t.same(reds(centreCrop(numbered(1, 3), { width: 4, height: 1 })), [0, 0, 10, 0]);
  t.same(reds(centreCrop(numbered(2, 1), { width: 2, height: 3 })), [0, 0, 0, 1, 0, 0]);
  const image = numbered(4, 4);
  t.same(centreCrop(image, image), image);
});
