import type { ImageSize, RgbImage } from './rgb-image.js';

/** How a model wants its pixels: (value * scale - mean) / std, per channel in the order red, green, blue. */
export interface Normalization {
  /** Default: 1 / 255, which gives 0..1. */
  readonly scale?: number;
  /** Default: zeros. */
  readonly mean?: readonly [number, number, number];
  /** Default: ones. */
  readonly std?: readonly [number, number, number];
}

/** Order of the axes of one image: height, width, channel; or channel, height, width. */
export type ImageLayout = 'HWC' | 'CHW';

/**
 * The middle of an image, `size` large. A side that is shorter than asked for is padded with black, as Hugging Face's
 * `center_crop` does; what cannot be halved leaves one more row or column at the top or the left.
 */
export function centreCrop(image: RgbImage, size: ImageSize): RgbImage {
  const { width, height } = size;
  const data = new Uint8Array(width * height * 3);
  const left = Math.floor((image.width - width) / 2);
  const top = Math.floor((image.height - height) / 2);
  const from = Math.max(left, 0);
  const to = Math.min(left + width, image.width);
  for (let y = Math.max(top, 0); y < Math.min(top + height, image.height); y++) {
    const row = image.data.subarray((y * image.width + from) * 3, (y * image.width + to) * 3);
    data.set(row, ((y - top) * width + from - left) * 3);
  }
  return { width, height, data };
}

/**
 * Writes the pixels of an image as numbers for a model.
 *
 * @param pixels height x width x 3 bytes
 * @param into height x width x 3 numbers, in the layout asked for
 */
export function normalizePixels(
  pixels: Uint8Array,
  into: Float32Array,
  layout: ImageLayout,
  { scale = 1 / 255, mean = [0, 0, 0], std = [1, 1, 1] }: Normalization = {},
): void {
  const count = pixels.length / 3;
  const [step, channelStep] = layout === 'HWC' ? [3, 1] : [1, count];
  for (let channel = 0; channel < 3; channel++) {
    const factor = scale / (std[channel] ?? 1);
    const offset = (mean[channel] ?? 0) / (std[channel] ?? 1);
    let to = channel * channelStep;
    for (let from = channel; from < pixels.length; from += 3, to += step) {
      into[to] = (pixels[from] ?? 0) * factor - offset;
    }
  }
}

/**
 * Images of one size as one tensor: [images, height, width, 3] for 'HWC', [images, 3, height, width] for 'CHW', with
 * no images an empty one.
 */
export function imageTensor(
  images: readonly RgbImage[],
  layout: ImageLayout,
  normalization?: Normalization,
): { shape: number[]; data: Float32Array } {
  const { width = 0, height = 0 } = images[0] ?? {};
  const length = width * height * 3;
  const data = new Float32Array(images.length * length);
  for (const [at, image] of images.entries()) {
    normalizePixels(image.data, data.subarray(at * length, (at + 1) * length), layout, normalization);
  }
  const shape = layout === 'HWC' ? [images.length, height, width, 3] : [images.length, 3, height, width];
  return { shape, data };
}
