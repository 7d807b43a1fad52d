import type { ImageBox, RgbImage } from './rgb-image.js';

/** From this value of each channel on a pixel counts as white: compression leaves white areas a little uneven. */
const WHITE = 245;

/**
 * Whether at least two corners are white, as they are around what was drawn or photographed on its own: what reaches an
 * edge of the picture often covers the two corners there.
 */
export function isOnWhite(image: RgbImage): boolean {
  const { width, height } = image;
  const corners = [0, width - 1, (height - 1) * width, height * width - 1];
  return corners.filter((corner) => isWhite(image, corner, 1, 1)).length >= 2;
}

/** The smallest box around all that is not white, or undefined for an image that is white all over. */
export function contentBox(image: RgbImage): ImageBox | undefined {
  const { width, height } = image;
  let top = 0;
  while (top < height && isWhite(image, top * width, width, 1)) top++;
  if (top === height) return undefined;
  let bottom = height;
  while (isWhite(image, (bottom - 1) * width, width, 1)) bottom--;
  const rows = bottom - top;
  let left = 0;
  while (isWhite(image, top * width + left, rows, width)) left++;
  let right = width;
  while (isWhite(image, top * width + right - 1, rows, width)) right--;
  return { left, top, width: right - left, height: rows };
}

/** Whether `count` pixels are white, beginning with the pixel `from` and each `step` pixels after the one before. */
function isWhite({ data }: RgbImage, from: number, count: number, step: number): boolean {
  const end = (from + count * step) * 3;
  for (let at = from * 3; at < end; at += step * 3) {
    if ((data[at] ?? 0) < WHITE || (data[at + 1] ?? 0) < WHITE || (data[at + 2] ?? 0) < WHITE) return false;
  }
  return true;
}
