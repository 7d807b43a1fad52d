import type { DecodeImageOptions } from '../../preprocess/image/decode-image.js';
import type { ImageSize } from '../../preprocess/image/rgb-image.js';
import type { Normalization } from '../../preprocess/image/tensor.js';
import type { ModelConfig } from '../hf-media/model-config.js';

/** The steps from a file to a model's `pixel_values`, in this order; every image ends at `size`. */
export interface ImageProcessing {
  /** The size that an image is decoded to. */
  readonly decoded: ImageSize;
  /** `cover` stands for "resize the shorter side, then crop": what is cropped here would be cropped later anyway. */
  readonly fit: 'cover' | 'fill';
  readonly kernel: NonNullable<DecodeImageOptions['kernel']>;
  /** Size after the centre crop; at most `decoded`, or the margin is black. */
  readonly size: ImageSize;
  readonly normalization: Normalization;
  /** Channels in the order blue, green, red. */
  readonly blueFirst: boolean;
}

/** Numbers of Pillow's `Resampling`. Box and Hamming, which no known model uses, are answered with bilinear. */
const KERNELS: Readonly<Record<number, ImageProcessing['kernel']>> = {
  0: 'nearest',
  1: 'lanczos3',
  2: 'linear',
  3: 'cubic',
  4: 'linear',
  5: 'linear',
};

/** Image processors that resize to a square even before a crop. */
const SQUARES = /^(Beit|DeiT|ViT)/;

/**
 * Reads preprocessor_config.json as the image processors of Hugging Face do. Throws MODEL_INVALID.
 *
 * @param imageSize side of the images that the model's own configuration names, for a file that gives no size
 */
export function imageProcessing(config: ModelConfig, imageSize: number | undefined): ImageProcessing {
  const resample = config.number('resample', 2);
  const kernel = KERNELS[resample];
  if (kernel === undefined) throw config.invalid('resample', "a number of Pillow's filters, 0 to 5", resample);
  const normalized = config.flag('do_normalize', true);
  return {
    ...readSizes(config, imageSize),
    kernel,
    normalization: {
      scale: config.flag('do_rescale', true) ? config.number('rescale_factor', 1 / 255) : 1,
      mean: normalized ? threeOf(config, 'image_mean') : [0, 0, 0],
      std: normalized ? threeOf(config, 'image_std') : [1, 1, 1],
    },
    blueFirst: config.flag('do_flip_channel_order', false),
  };
}

function readSizes(
  config: ModelConfig,
  imageSize: number | undefined,
): Pick<ImageProcessing, 'decoded' | 'fit' | 'size'> {
  if (!config.flag('do_resize', true)) {
    throw config.invalid('do_resize', 'true: images of every size have to become one', false);
  }
  const crop = config.flag('do_center_crop', config.has('crop_size')) ? readSize(config, 'crop_size') : undefined;
  const given = config.raw('size') ?? imageSize;
  const edge = shortestEdge(config, crop !== undefined, given);
  if (edge === undefined) {
    const decoded = typeof given === 'number' ? square(given) : readSize(config, 'size');
    if (decoded === undefined) throw config.invalid('size', 'a height and a width, or a shortest edge', given);
    return { decoded, fit: 'fill', size: crop ?? decoded };
  }
  const ratio = config.number('crop_pct');
  if (ratio !== undefined) return cropByRatio(edge, ratio);
  if (crop === undefined || Math.max(crop.width, crop.height) > edge) {
    throw config.invalid('crop_size', `a crop of at most ${edge}, as \`size\` names the shortest edge`, crop);
  }
  return { decoded: square(edge), fit: 'cover', size: crop };
}

/** A bare number as `size` means the shortest edge where a crop follows, in older files of CLIP and ConvNeXT, else a square. */
function shortestEdge(config: ModelConfig, cropped: boolean, given: unknown): number | undefined {
  if (typeof given !== 'number') return config.section('size').size('shortest_edge');
  const processor = config.text('image_processor_type') ?? config.text('feature_extractor_type', '');
  const isCropped = (cropped && !SQUARES.test(processor)) || config.has('crop_pct');
  return isCropped ? given : undefined;
}

/** ConvNeXT's rule: below 384, enlarged by 1 / `crop_pct` and cropped; from there on, resized without a crop. */
function cropByRatio(edge: number, ratio: number): Pick<ImageProcessing, 'decoded' | 'fit' | 'size'> {
  const size = square(edge);
  if (edge >= 384) return { decoded: size, fit: 'fill', size };
  return { decoded: square(Math.trunc(edge / ratio)), fit: 'cover', size };
}

function readSize(config: ModelConfig, key: string): ImageSize | undefined {
  const value = config.raw(key);
  if (value === undefined) return undefined;
  if (typeof value === 'number') return square(config.size(key, value));
  const section = config.section(key);
  const [width, height, edge] = [section.size('width'), section.size('height'), section.size('shortest_edge')];
  if (width !== undefined && height !== undefined) return { width, height };
  if (edge !== undefined) return square(edge);
  throw config.invalid(key, 'a height and a width', value);
}

function threeOf(config: ModelConfig, key: string): readonly [number, number, number] {
  const value = config.raw(key);
  if (typeof value === 'number') return [value, value, value];
  const [red, green, blue, ...more] = config.numbers(key) ?? [];
  if (red !== undefined && green !== undefined && blue !== undefined && more.length === 0) return [red, green, blue];
  throw config.invalid(key, 'three numbers, one a channel', value);
}

function square(side: number): ImageSize {
  return { width: side, height: side };
}
