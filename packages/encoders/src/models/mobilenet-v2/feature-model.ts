import { NearfieldError } from '@nearfield/engine/encoder';
import { convertGraphModel } from '../../convert/convert.js';
import { readModel, readShards } from '../../convert/graph-model-files.js';
import type { ModelJson } from '../../convert/model-json.js';
import { normalizePixels } from '../../preprocess/image/tensor.js';
import { cachedModel } from '../../session/model-cache.js';
import { Session } from '../../session/session.js';
import { convertedName } from './model-files.js';
import { DIMENSIONS, FEATURES, INPUT, PIXEL_BYTES, SIDE } from './specification.js';

/** Where a worker finds the model, how it names the converted one, and how it runs it. */
export interface FeatureModelData {
  readonly folder: string;
  readonly cacheFolder: string;
  readonly checksum: string;
  readonly threads: number;
}

/** The features of MobileNetV2 on ONNX Runtime. */
export class FeatureModel {
  private constructor(private readonly session: Session) {}

  static async load({ folder, cacheFolder, checksum, threads }: FeatureModelData): Promise<FeatureModel> {
    const onnx = await cachedModel(cacheFolder, convertedName(checksum), async () => {
      const model = await readModel(folder);
      return convertGraphModel(model, await readShards(folder, model), [featureNode(model)]);
    });
    return new FeatureModel(await Session.open(onnx, { threads }));
  }

  /**
   * An image at a time: the activations of one stay in the processor's cache, and those of eight take eight times the
   * memory and are slower.
   *
   * @param pixels [images, 224, 224, 3], 8-bit sRGB
   * @returns features of shape [images, 1792], or undefined once `isCancelled` says so, which is asked between images
   */
  async embed(pixels: Uint8Array, images: number, isCancelled: () => boolean): Promise<Float32Array | undefined> {
    const features = new Float32Array(images * DIMENSIONS);
    const data = new Float32Array(PIXEL_BYTES);
    for (let image = 0; image < images; image++) {
      if (isCancelled()) return undefined;
      normalizePixels(pixels.subarray(image * PIXEL_BYTES, (image + 1) * PIXEL_BYTES), data, 'HWC');
      const [output] = await this.session.run({ [INPUT]: { shape: [1, SIDE, SIDE, 3], data } });
      features.set(unitLength(output?.data as Float32Array), image * DIMENSIONS);
    }
    return features;
  }

  async close(): Promise<void> {
    await this.session.close();
  }
}

/** The name of the node that holds the features. Throws MODEL_INVALID. */
export function featureNode(model: ModelJson): string {
  const node = model.modelTopology.node.find(({ name }) => name.endsWith(FEATURES));
  if (node !== undefined) return node.name;
  throw new NearfieldError('MODEL_INVALID', `The graph has no node ${FEATURES}`, { field: FEATURES });
}

function unitLength(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length > 0 ? vector.map((value) => value / length) : vector;
}
