import t from 'tap';
import { useLite, type EncoderInput } from '@nearfield/encoders';
import { readModel, readShards } from '@nearfield/encoders/internals/convert/graph-model-files';
import { modelFolder } from '@nearfield/encoders/internals/models/use-lite/model-files';
import { SentenceModel } from '@nearfield/encoders/internals/models/use-lite/sentence-model';
import { lengthBatches } from '@nearfield/encoders/internals/preprocess/text/length-batches';
import { openReference, runReference } from '../../tensorflow.js';
import { paritySentences } from './parity-sentences.js';

process.env.NEARFIELD_CACHE = t.testdir();

/**
 * Sentences by TensorFlow.js, batched by length only to save it padding; its tokens are the tokenizer's test's concern.
 */
async function referenceEmbeddings(tokens: readonly (readonly number[])[]): Promise<Float32Array[]> {
  const folder = modelFolder();
  const model = await readModel(folder);
  const reference = await openReference(model, await readShards(folder, model));
  const embeddings: Float32Array[] = [];
  for (const batch of lengthBatches(
    tokens.map((ids) => ids.length),
    256,
  )) {
    // The graph takes the number of rows from the last coordinate, so that a row with a token must be the last.
    const rows = [...batch.map((position) => tokens[position] ?? []), [6]];
    const indices = rows.flatMap((ids, row) => ids.flatMap((_, column) => [row, column]));
    const values = rows.flat();
    const output = await runReference(reference, {
      indices: { shape: [values.length, 2], data: Int32Array.from(indices) },
      values: { shape: [values.length], data: Int32Array.from(values) },
    });
    for (const [row, position] of batch.entries()) {
      embeddings[position] = Float32Array.from(output.values.slice(row * 512, (row + 1) * 512));
    }
  }
  return embeddings;
}

t.test('200 sentences have the embeddings of TensorFlow.js to 1e-4', async (t) => {
  const sentences = paritySentences();
  const tokens = await SentenceModel.tokenizer(modelFolder()).then((tokenizer) =>
    sentences.map((text) => tokenizer.encode(text)),
  );
  const expected = await referenceEmbeddings(tokens);
  const encoder = await useLite();
  t.teardown(() => encoder.close());
  const actual = await encoder.encode(sentences.map((text): EncoderInput => ({ kind: 'text', text })));
  t.equal(actual.length, 200);
  const differences = actual.map((embedding, at) => {
    return Math.max(
      ...(embedding as Float32Array).map((value, axis) => Math.abs(value - (expected[at]?.[axis] ?? Number.NaN))),
    );
  });
  const worst = Math.max(...differences);
  t.ok(
    worst <= 1e-4,
    `the largest difference is ${worst}, of ${JSON.stringify(sentences[differences.indexOf(worst)])}`,
  );
  t.comment(`the largest difference is ${worst}`);
});
