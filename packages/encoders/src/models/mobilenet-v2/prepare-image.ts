import type { MediaSource } from '@nearfield/engine/encoder';
import { contentBox, isOnWhite } from '../../preprocess/image/content-box.js';
import { decodeLoaded, loadImage, type DecodeImageOptions } from '../../preprocess/image/decode-image.js';
import type { ImageBox, ImageSize, RgbImage } from '../../preprocess/image/rgb-image.js';
import { PIXEL_BYTES, SIDE } from './specification.js';

/** The longer side of what is cut out of white, in pixels; the rest is a white margin. */
const CONTENT_SIDE = 160;

/** What is cut out is enlarged no further than as if it had this share of a side. */
const LEAST_SHARE = 1 / 8;

/**
 * The 224 x 224 pixels that the model reads. An image is stretched to them, as TensorFlow.js users feed the model. Of one
 * on a white or transparent ground (a logo, an emoji, a product) the content is cut out, and comes to one size in the
 * middle: otherwise its size and place would count as much as what it shows.
 */
export async function prepareImage(source: MediaSource, signal?: AbortSignal): Promise<Uint8Array> {
  const image = await loadImage(source);
  const { width, height } = image.metadata.autoOrient;
  const options: DecodeImageOptions = { kernel: 'cubic', signal };
  // Not enlarged yet: that costs more than to decode a small image, and says nothing about its ground.
  const size = { width: Math.min(width, SIDE), height: Math.min(height, SIDE) };
  const whole = await decodeLoaded(image, { ...options, size });
  const box = isOnWhite(whole) ? contentBox(whole) : undefined;
  if (box !== undefined) {
    return onWhite(await decodeLoaded(image, { ...options, ...contentSize(box, whole, { width, height }) }));
  }
  if (size.width === SIDE && size.height === SIDE) return whole.data;
  return (await decodeLoaded(image, { ...options, size: { width: SIDE, height: SIDE } })).data;
}

/** How large an image must become for its content (a box in `whole`) to have the size wanted, and where that is then. */
function contentSize(
  box: ImageBox,
  whole: ImageSize,
  { width, height }: ImageSize,
): { size: ImageSize; crop: ImageBox } {
  const share = (part: number, side: number): number => Math.max(part / side, LEAST_SHARE);
  const scale =
    CONTENT_SIDE / Math.max(share(box.width, whole.width) * width, share(box.height, whole.height) * height);
  const size = { width: Math.max(Math.round(width * scale), 1), height: Math.max(Math.round(height * scale), 1) };
  const [left, cropWidth] = scaledRange(box.left, box.width, size.width / whole.width);
  const [top, cropHeight] = scaledRange(box.top, box.height, size.height / whole.height);
  return { size, crop: { left, top, width: cropWidth, height: cropHeight } };
}

/** Where a range begins and how long it is after scaling, in whole pixels. */
function scaledRange(start: number, length: number, factor: number): [start: number, length: number] {
  const from = Math.floor(start * factor);
  // A hair less, so that a product that is whole but for rounding does not come to one more.
  return [from, Math.min(Math.ceil((start + length) * factor - 1e-6) - from, SIDE)];
}

function onWhite({ width, height, data }: RgbImage): Uint8Array {
  const pixels = new Uint8Array(PIXEL_BYTES).fill(255);
  const left = (SIDE - width) >> 1;
  const top = (SIDE - height) >> 1;
  for (let y = 0; y < height; y++) {
    pixels.set(data.subarray(y * width * 3, (y + 1) * width * 3), ((top + y) * SIDE + left) * 3);
  }
  return pixels;
}
