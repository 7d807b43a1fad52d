import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import t from 'tap';
import { mobilenetV2, type EncoderInput } from '@nearfield/encoders';
import { readModel, readShards } from '@nearfield/encoders/internals/convert/graph-model-files';
import { featureNode } from '@nearfield/encoders/internals/models/mobilenet-v2/feature-model';
import { modelFolder } from '@nearfield/encoders/internals/models/mobilenet-v2/model-files';
import { openReference } from '../../tensorflow.js';

process.env.NEARFIELD_CACHE = t.testdir();

const SIDE = 224;
const IMAGES = 50;

/** Shapes of many colours and sizes over a gradient, the same for each number: pictures that the model tells apart. */
function picture(number: number): Buffer {
  const random = (index: number): number => (Math.sin(number * 127.1 + index * 311.7) * 43758.5453) % 1;
  const hue = (index: number): number => Math.floor(Math.abs(random(index)) * 360);
  const place = (index: number): number => Math.floor(Math.abs(random(index)) * SIDE);
  const shapes = Array.from({ length: 1 + (number % 7) }, (_, at) => {
    const [x, y, size] = [place(at * 5 + 1), place(at * 5 + 2), 10 + place(at * 5 + 3) / 2];
    const fill = `fill="hsl(${hue(at * 5 + 4)},80%,${30 + ((at * 17 + number) % 50)}%)"`;
    return number % 2 === 0
      ? `<circle cx="${x}" cy="${y}" r="${size}" ${fill}/>`
      : `<rect x="${x}" y="${y}" width="${size}" height="${size * 1.5}" transform="rotate(${number * 7} ${x} ${y})" ${fill}/>`;
  });
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}"><defs><linearGradient id="g">
     <stop offset="0" stop-color="hsl(${hue(0)},60%,40%)"/><stop offset="1" stop-color="hsl(${hue(99)},60%,70%)"/>
     </linearGradient></defs><rect width="${SIDE}" height="${SIDE}" fill="url(#g)"/>${shapes.join('')}</svg>`,
  );
}

/** The features by TensorFlow.js of pixels that were decoded without Nearfield. */
async function referenceFeatures(pictures: readonly Uint8Array[]): Promise<Float32Array[]> {
  const model = await readModel(modelFolder());
  const reference = await openReference(model, await readShards(modelFolder(), model), 'wasm');
  const features: Float32Array[] = [];
  for (const png of pictures) {
    const pixels = await sharp(png).removeAlpha().raw().toBuffer();
    const input = tf.tensor4d(
      Float32Array.from(pixels, (value) => value / 255),
      [1, SIDE, SIDE, 3],
    );
    const output = reference.execute({ input }, featureNode(model)) as tf.Tensor;
    features.push(Float32Array.from(await output.data()));
    tf.dispose([input, output]);
  }
  reference.dispose();
  return features;
}

function cosine(a: Float32Array, b: Float32Array): number {
  const product = a.reduce((sum, value, at) => sum + value * (b[at] ?? Number.NaN), 0);
  return product / Math.hypot(...a) / Math.hypot(...b);
}

t.test('50 images have the features of TensorFlow.js, at a cosine of .9999 and more', async (t) => {
  const pictures = await Promise.all(Array.from({ length: IMAGES }, (_, at) => sharp(picture(at)).png().toBuffer()));
  const expected = await referenceFeatures(pictures);
  const encoder = await mobilenetV2();
  t.teardown(() => encoder.close());
  const actual = await encoder.encode(pictures.map((image): EncoderInput => ({ kind: 'image', image })));
  const cosines = actual.map((embedding, at) => cosine(embedding as Float32Array, expected[at] as Float32Array));
  t.equal(cosines.length, IMAGES);
  t.ok(Math.min(...cosines) >= 0.9999, `the least cosine is ${Math.min(...cosines)}`);
  const others = actual.map((embedding, at) => {
    return cosine(embedding as Float32Array, expected[(at + 1) % IMAGES] as Float32Array);
  });
  t.ok(Math.max(...others) < 0.99, `pictures differ: their greatest cosine is ${Math.max(...others)}`);
});
