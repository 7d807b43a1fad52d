import type { MediaSource } from '@nearfield/engine/encoder';
import { decodeLoaded, loadImage } from '../../preprocess/image/decode-image.js';
import { resample } from '../../preprocess/image/resample.js';
import type { ImageSize, RgbImage } from '../../preprocess/image/rgb-image.js';
import { centreCrop, imageTensor } from '../../preprocess/image/tensor.js';
import type { ImageProcessing } from './image-processing.js';

/**
 * Images of up to so many pixels are resized as Pillow does, in a worker. Larger ones become much smaller, which libvips
 * does several times as fast and to within four levels of 255.
 */
const MAX_RESAMPLED_PIXELS = 2 ** 18;

/** An image for a worker: whole, or already of the size that the model reads. */
export interface ReadImage {
  readonly image: RgbImage;
  readonly isFinished: boolean;
}

/** Decodes an image off the calling thread. Throws what `decodeImage` throws. */
export async function readImage(
  source: MediaSource,
  { decoded, fit, kernel, size }: ImageProcessing,
  signal: AbortSignal | undefined,
): Promise<ReadImage> {
  const loaded = await loadImage(source);
  const { format, width, height } = loaded.metadata;
  const options = signal && { signal };
  if (width * height <= MAX_RESAMPLED_PIXELS && format !== 'svg' && kernel !== 'nearest') {
    return { image: await decodeLoaded(loaded, options), isFinished: false };
  }
  const image = await decodeLoaded(loaded, { size: decoded, fit, kernel, ...options });
  return { image: isSame(size, decoded) ? image : centreCrop(image, size), isFinished: true };
}

/** The pixels that the model reads. */
export function finishImage({ image, isFinished }: ReadImage, processing: ImageProcessing): RgbImage {
  const { decoded, fit, kernel, size } = processing;
  if (isFinished || kernel === 'nearest') return image;
  const resized = fit === 'fill' ? decoded : covering(image, decoded.width);
  const { width, height } = size;
  if (width > resized.width || height > resized.height) {
    return centreCrop(resample(image, resized, kernel, { left: 0, top: 0, ...resized }), size);
  }
  const [left, top] = [(resized.width - width) >> 1, (resized.height - height) >> 1];
  if (isSame(image, resized)) return centreCrop(image, size);
  return resample(image, resized, kernel, { left, top, width, height });
}

/** The size at which the shorter side of an image is `edge`; the longer one is rounded down, as in Python's libraries. */
function covering({ width, height }: ImageSize, edge: number): ImageSize {
  return width <= height
    ? { width: edge, height: Math.floor((edge * height) / width) }
    : { width: Math.floor((edge * width) / height), height: edge };
}

function isSame(a: ImageSize, b: ImageSize): boolean {
  return a.width === b.width && a.height === b.height;
}

/** A model's `pixel_values`, of shape [images, 3, height, width]. */
export function pixelValues(
  images: readonly RgbImage[],
  { normalization, blueFirst }: ImageProcessing,
): { shape: number[]; data: Float32Array } {
  const tensor = imageTensor(images, 'CHW', normalization);
  return blueFirst ? { shape: tensor.shape, data: swapEnds(tensor.data, images.length) } : tensor;
}

/** Exchanges the first and the last channel of each image. */
function swapEnds(data: Float32Array, images: number): Float32Array {
  const swapped = data.slice();
  const plane = data.length / images / 3;
  for (let start = 0; start < data.length; start += 3 * plane) {
    swapped.set(data.subarray(start + 2 * plane, start + 3 * plane), start);
    swapped.set(data.subarray(start, start + plane), start + 2 * plane);
  }
  return swapped;
}
