import sharp from 'sharp';
import t from 'tap';
import { contentBox } from '@nearfield/encoders/internals/preprocess/image/content-box';
import { prepareImage } from '@nearfield/encoders/internals/models/mobilenet-v2/prepare-image';

const SIDE = 224;

/** A box of one colour on white. */
function boxed(width: number, height: number, box: { left: number; top: number; width: number; height: number }) {
  const { left, top } = box;
  const content = { create: { width: box.width, height: box.height, channels: 3 as const, background: '#258' } };
  const white = { width, height, channels: 3 as const, background: '#fff' };
  return sharp({ create: white })
    .composite([{ input: content, left, top }])
    .png()
    .toBuffer();
}
const boxOf = (data: Uint8Array) => contentBox({ width: SIDE, height: SIDE, data });

t.test('what is on white comes to 160 pixels in the middle and keeps its shape', async (t) => {
  const square = boxOf(await prepareImage(await boxed(64, 64, { left: 3, top: 20, width: 32, height: 32 })));
  t.same(square, { left: 32, top: 32, width: 160, height: 160 });
  const wide = boxOf(await prepareImage(await boxed(600, 400, { left: 100, top: 300, width: 400, height: 50 })));
  t.ok(Math.abs((wide?.width ?? 0) - 160) <= 2 && Math.abs((wide?.height ?? 0) - 20) <= 3, JSON.stringify(wide));
});

t.test('an image that fills its frame is stretched, and one of the size of the model is not touched', async (t) => {
  const noise = {
    create: {
      width: SIDE,
      height: SIDE,
      channels: 3 as const,
      background: '#000',
      noise: { type: 'gaussian' as const, mean: 100, sigma: 30 },
    },
  };
  const png = await sharp(noise).png().toBuffer();
  t.same(Buffer.from(await prepareImage(png)), await sharp(png).raw().toBuffer());
  const small = await prepareImage(
    await sharp({ create: { width: 3, height: 90, channels: 3, background: '#123' } })
      .png()
      .toBuffer(),
  );
  t.ok(small.every((value, at) => value === [0x11, 0x22, 0x33][at % 3]));
});

t.test('white, tiny, long and marginal contents are prepared at any size', async (t) => {
  const sizes = [
    [1, 1],
    [2, 3],
    [7, 224],
    [223, 225],
    [500, 4],
    [3, 3000],
    [1025, 767],
  ] as const;
  for (const [width, height] of sizes) {
    for (const [x, y, across, down] of [
      [0, 0, 1, 1],
      [0.5, 0.9, 0.01, 0.01],
      [0, 0.4, 1, 0.1],
      [0.4, 0, 0.05, 1],
      [0.99, 0.99, 1, 1],
    ] as const) {
      const left = Math.min(Math.floor(x * width), width - 1);
      const top = Math.min(Math.floor(y * height), height - 1);
      const box = {
        left,
        top,
        width: Math.min(Math.max(Math.round(across * width), 1), width - left),
        height: Math.min(Math.max(Math.round(down * height), 1), height - top),
      };
      const pixels = await prepareImage(await boxed(width, height, box));
      t.equal(pixels.length, SIDE * SIDE * 3, `${width} x ${height}, ${JSON.stringify(box)}`);
    }
  }
  const white = await prepareImage(
    await sharp({ create: { width: 9, height: 4, channels: 3, background: '#fff' } })
      .png()
      .toBuffer(),
  );
  t.ok(white.every((value) => value === 255));
});

t.test('a picture that is turned by EXIF is cut out as it is seen', async (t) => {
  const lying = await sharp(await boxed(300, 200, { left: 20, top: 40, width: 200, height: 50 }))
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const box = boxOf(await prepareImage(lying));
  t.ok((box?.height ?? 0) >= 155 && (box?.width ?? 0) <= 48, JSON.stringify(box));
});
