import '@tensorflow/tfjs-backend-cpu';
import { loadGraphModel, type GraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import type { ModelJson } from '@nearfield/encoders/internals/convert/model-json';
import type { SessionInput } from '@nearfield/encoders/internals/session/session';

// Silences the advice to install a native backend: plain JavaScript is the reference.
tf.env().set('IS_TEST', true);

/**
 * The oracle: a graph model run by TensorFlow.js in plain JavaScript, or by its WebAssembly where the caller has imported
 * that, for models that would take plain JavaScript minutes.
 */
export async function openReference(
  model: ModelJson,
  weights: Uint8Array,
  backend: 'cpu' | 'wasm' = 'cpu',
): Promise<GraphModel> {
  await tf.setBackend(backend);
  const artifacts: tf.io.ModelArtifacts = {
    format: 'graph-model',
    modelTopology: { versions: { producer: 1 }, ...model.modelTopology },
    weightSpecs: model.weightsManifest.flatMap((group) => group.weights) as tf.io.WeightsManifestEntry[],
    weightData: new Uint8Array(weights).buffer,
  };
  return loadGraphModel({ load: async () => artifacts });
}

/** The first output of a run, as plain numbers. */
export async function runReference(
  reference: GraphModel,
  inputs: Readonly<Record<string, SessionInput>>,
): Promise<{ shape: number[]; values: number[] }> {
  const feeds = Object.entries(inputs).map(([name, { shape, data }]) => {
    return [name, tf.tensor(data, [...shape], data instanceof Float32Array ? 'float32' : 'int32')] as const;
  });
  const result = await reference.executeAsync(Object.fromEntries(feeds));
  const output = (Array.isArray(result) ? result[0] : result) as tf.Tensor;
  const answer = { shape: output.shape, values: Array.from(await output.data()) };
  tf.dispose([result, feeds.map(([, tensor]) => tensor)]);
  return answer;
}
