import type { Encoder } from '@nearfield/engine/encoder';
import { ImageEncoder } from '../../session/image-encoder.js';
import { modelCacheFolder } from '../../session/model-cache.js';
import { checkThreadOptions, type ThreadOptions } from '../../session/thread-options.js';
import type { FeatureModelData } from './feature-model.js';
import { modelChecksum, modelFolder } from './model-files.js';
import { prepareImage } from './prepare-image.js';
import { DIMENSIONS, NAME, PIXEL_BYTES, VERSION } from './specification.js';

export type MobilenetV2Options = ThreadOptions;

/**
 * What an image shows, by the features of MobileNetV2 1.4 (Sandler et al. 2018, "MobileNetV2: Inverted Residuals and
 * Linear Bottlenecks"): 1792 dimensions, unit length, cosine. The image is stretched to 224 x 224 pixels, or on white cut
 * to its content (prepareImage).
 *
 * Throws UNKNOWN_OPTION, INVALID_ARGUMENT, and ENCODER_UNAVAILABLE when the weights are missing.
 */
export async function mobilenetV2(options: MobilenetV2Options = {}): Promise<Encoder> {
  checkThreadOptions(options, NAME);
  const checksum = await modelChecksum();
  const data: Omit<FeatureModelData, 'threads'> = {
    folder: modelFolder(),
    cacheFolder: modelCacheFolder(),
    checksum,
  };
  return new ImageEncoder(
    {
      identity: Object.freeze({ name: NAME, version: VERSION, checksum, options: Object.freeze({}) }),
      output: { kind: 'dense', dimensions: DIMENSIONS, metric: 'cosine' },
      // Measured beside words (.8) and meaning (.2) on emoji by `npm run bench -- image-strength`: at .5 precise words
      // lose nothing by the drawing, and vague ones gain .08 to .23 recall@1; above .8 precise ones lose.
      strength: 0.5,
      worker: new URL('worker.js', import.meta.url),
      data,
      pixelBytes: PIXEL_BYTES,
      prepare: prepareImage,
    },
    options.threads,
  );
}
