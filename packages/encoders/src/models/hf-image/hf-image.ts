import type { Encoder } from '@nearfield/engine/encoder';
import { checkOneOf } from '../../check-options.js';
import { openRepository } from '../../hub/open-repository.js';
import { unreadableOrThrow } from '../../preprocess/media/unreadable.js';
import { createMediaEncoder } from '../hf-media/create-encoder.js';
import type { MediaKind } from '../hf-media/media-encoder.js';
import { checkMediaOptions, type HfMediaOptions } from '../hf-media/media-options.js';
import { preprocessorConfig, requiredConfig, tokenizerClass } from '../hf-media/repository-configs.js';
import { imageArchitecture, type ImagePooling } from './image-architecture.js';
import { imageProcessing, type ImageProcessing } from './image-processing.js';
import { readImage } from './read-pixels.js';
import type { ImageTask } from './worker.js';

export const HF_IMAGE_PREFIX = 'image:hf/';

/** Changes whenever preprocessing changes an embedding. */
const VERSION = '1';

/** Images that go through a model at once. */
const BATCH_SIZE = 8;

const POOLINGS: readonly ImagePooling[] = ['cls', 'mean', 'pooler'];

export interface HfImageOptions extends HfMediaOptions {
  /**
   * What stands for the whole image, for models of images alone: the class token, the mean of the image's tokens, or
   * the model's own pooled output. Default: the class token where the model has one (DINOv2, ViT), else the pooled
   * output, else the mean.
   */
  readonly pooling?: ImagePooling;
}

/**
 * An image model of a hub or a folder in the layout of Hugging Face with ONNX files. CLIP (Radford et al. 2021) and
 * SigLIP (Zhai et al. 2023) take texts too, into the same space; DINOv2, ViT and other models take images alone.
 * Embeddings have length 1, for cosine. Images are resized, cropped and normalised as preprocessor_config.json says.
 *
 * @param repository `org/repository`, with `@revision` if wanted, or the path of a folder that begins with `./` or `/`
 *
 * Throws UNKNOWN_OPTION, INVALID_ARGUMENT, MODEL_NOT_FOUND, MODEL_UNAVAILABLE and MODEL_INVALID.
 */
export async function hfImage(repository: string, options: HfImageOptions = {}): Promise<Encoder> {
  const name = `${HF_IMAGE_PREFIX}${repository}`;
  checkMediaOptions(options, name, ['pooling']);
  const { batchSize = BATCH_SIZE, folder, onProgress, pooling } = options;
  checkOneOf(pooling, POOLINGS, 'pooling', name);
  const files = await openRepository(repository, { folder, onProgress });
  const config = await requiredConfig(files, 'config.json');
  const architecture = imageArchitecture(config, await tokenizerClass(files), pooling);
  const processing = imageProcessing(await preprocessorConfig(files, 'image_processor'), architecture.imageSize);
  const { width, height } = processing.size;
  return createMediaEncoder<ImageTask>(files, options, {
    name,
    version: VERSION,
    architecture,
    blanks: { pixel_values: { shape: [1, 3, height, width], value: 0, type: 'float32' } },
    media: imageKind(processing, batchSize),
    ...(pooling && { more: { pooling } }),
  });
}

function imageKind(processing: ImageProcessing, batchSize: number): MediaKind<ImageTask> {
  return {
    kind: 'image',
    batchSize,
    worker: new URL('worker.js', import.meta.url),
    async prepare(sources, tower, signal) {
      const settled = await Promise.allSettled(sources.map((source) => readImage(source, processing, signal)));
      const images = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      const unreadable = settled.flatMap((result, at) => {
        return result.status === 'rejected' ? [{ at, error: unreadableOrThrow(result.reason) }] : [];
      });
      if (images.length === 0) return { unreadable };
      return { task: { kind: 'images', images, processing, tower }, unreadable };
    },
  };
}
