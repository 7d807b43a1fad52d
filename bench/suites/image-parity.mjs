// What: image:mobilenet-v2 on ONNX Runtime against the same model in TensorFlow.js, in one run: images a second, and the
//   least cosine between their features. Ours reads files: decoding and resizing are timed. TensorFlow.js, which cannot
//   decode images in Node.js, is given pixels that are ready, in batches of 1 and 16. The two take turns.
// Data: Google's drawings of emoji (data/emoji.mjs): 400 for ours, 48 for TensorFlow.js, 50 for the cosine.
// Run: npm run bench -- image-parity
import { createRequire } from 'node:module';
import { encoder } from '@nearfield/encoders';
import { readModel, readShards } from '@nearfield/encoders/internals/convert/graph-model-files';
import { featureNode } from '@nearfield/encoders/internals/models/mobilenet-v2/feature-model';
import { modelFolder } from '@nearfield/encoders/internals/models/mobilenet-v2/model-files';
import { prepareImage } from '@nearfield/encoders/internals/models/mobilenet-v2/prepare-image';
import { drawingOf, emojiConcepts, spread } from '../data/emoji.mjs';
import { median, range, shown } from '../measure/spread.mjs';
import { repetitions } from '../settings.mjs';

export const description = 'image:mobilenet-v2 against TensorFlow.js: images a second and least cosine';

const IMAGES = 400;
const REFERENCE_IMAGES = 48;
const COMPARED = 50;
const SIDE = 224;
const DIMENSIONS = 1792;
const require = createRequire(import.meta.url);

export async function run() {
  const concepts = emojiConcepts();
  const files = spread(concepts.length, IMAGES).map((at) => drawingOf('google', concepts[at]));
  const pixels = await Promise.all(files.slice(0, COMPARED).map((file) => prepareImage(file)));
  const ours = await encoder('image:mobilenet-v2');
  const reference = await openTensorFlow();
  const encode = (paths) => ours.encode(paths.map((image) => ({ kind: 'image', image })));
  const contenders = [
    { runtime: 'ours (ONNX Runtime), from files', images: IMAGES, work: () => encode(files) },
    ...[1, 16].map((batch) => ({
      runtime: `TensorFlow.js wasm, batches of ${batch}`,
      images: REFERENCE_IMAGES,
      work: () => reference(pixels.slice(0, REFERENCE_IMAGES), batch),
    })),
  ];
  const cosine = leastCosine(await encode(files.slice(0, COMPARED)), await reference(pixels, 10));
  const speeds = contenders.map(() => []);
  for (let repetition = 0; repetition < repetitions(3); repetition++) {
    for (const [at, { images, work }] of contenders.entries()) {
      const start = performance.now();
      await work();
      speeds[at].push((images / (performance.now() - start)) * 1000);
    }
  }
  await ours.close();
  return contenders.map(({ runtime, images }, at) => ({
    runtime,
    images,
    perSecond: shown(median(speeds[at])),
    range: range(speeds[at]),
    ours: `${shown(median(speeds[0].map((speed, repetition) => speed / speeds[at][repetition])))} x`,
    leastCosine: at === 0 ? '' : cosine.toFixed(7),
  }));
}

function leastCosine(embeddings, features) {
  return Math.min(
    ...embeddings.map((embedding, at) => {
      const feature = features.subarray(at * DIMENSIONS, (at + 1) * DIMENSIONS);
      const product = embedding.reduce((sum, value, axis) => sum + value * feature[axis], 0);
      return product / Math.hypot(...embedding) / Math.hypot(...feature);
    }),
  );
}

/** A function from prepared pixels of images to their features as one block. */
async function openTensorFlow() {
  require('@tensorflow/tfjs-backend-wasm');
  const tf = require('@tensorflow/tfjs-core');
  const { loadGraphModel } = require('@tensorflow/tfjs-converter');
  tf.env().set('IS_TEST', true);
  await tf.setBackend('wasm');
  const model = await readModel(modelFolder());
  const weightSpecs = model.weightsManifest.flatMap((group) => group.weights);
  const weightData = new Uint8Array(await readShards(modelFolder(), model)).buffer;
  const artifacts = { format: 'graph-model', modelTopology: model.modelTopology, weightSpecs, weightData };
  const graph = await loadGraphModel({ load: async () => artifacts });
  return async (images, batch) => {
    const blocks = [];
    for (let from = 0; from < images.length; from += batch) {
      blocks.push(await runBatch(tf, graph, featureNode(model), images.slice(from, from + batch)));
    }
    return Float32Array.from(blocks.flatMap((block) => [...block]));
  };
}

async function runBatch(tf, graph, output, images) {
  const values = Float32Array.from(Buffer.concat(images), (value) => value / 255);
  const input = tf.tensor4d(values, [images.length, SIDE, SIDE, 3]);
  const features = graph.execute({ input }, output);
  const data = await features.data();
  tf.dispose([input, features]);
  return data;
}
