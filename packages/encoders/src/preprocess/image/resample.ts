import type { ImageBox, ImageSize, RgbImage } from './rgb-image.js';

export type ResampleFilter = 'linear' | 'cubic' | 'lanczos3';

/** Half the width of a filter in pixels, and its weight at a distance from its centre. */
interface Filter {
  readonly support: number;
  readonly weight: (distance: number) => number;
}

const FILTERS: Readonly<Record<ResampleFilter, Filter>> = {
  linear: { support: 1, weight: (x) => 1 - x },
  // Keys, "Cubic convolution interpolation for digital image processing", 1981; a = -0.5.
  cubic: { support: 2, weight: (x) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2) },
  lanczos3: { support: 3, weight: (x) => sinc(x) * sinc(x / 3) },
};

/** The inputs that one output reads, from `start` on, and their shares. */
interface Span {
  readonly start: number;
  /** In parts of UNIT. */
  readonly shares: Int32Array;
}

/** Pillow's fixed point of 22 bits: a sum of bytes times shares stays below 2 ** 31. */
const UNIT = 2 ** 22;

/**
 * Resizes as Pillow does, which models in Python are fed by: first the rows, then the columns, by a filter that is
 * stretched when an image becomes smaller, in the same fixed point, and rounded to bytes in between. Unlike libvips, it
 * keeps the places of pixels exactly when an image is made larger or little smaller.
 *
 * @param size of the whole result
 * @param box the part of the result that is wanted; no more is computed
 */
export function resample(image: RgbImage, size: ImageSize, filter: ResampleFilter, box: ImageBox): RgbImage {
  const across = spans(image.width, size.width, box.left, box.width, FILTERS[filter]);
  const down = spans(image.height, size.height, box.top, box.height, FILTERS[filter]);
  const top = Math.min(...down.map(({ start }) => start));
  const bottom = Math.max(...down.map(({ start, shares }) => start + shares.length));
  const rows = new Uint8ClampedArray((bottom - top) * box.width * 3);
  for (let y = top; y < bottom; y++) {
    for (const [x, { start, shares }] of across.entries()) {
      const from = (y * image.width + start) * 3;
      mix(image.data, from, 3, shares, rows, ((y - top) * box.width + x) * 3);
    }
  }
  const data = new Uint8ClampedArray(box.width * box.height * 3);
  for (const [y, { start, shares }] of down.entries()) {
    for (let x = 0; x < box.width; x++) {
      const from = ((start - top) * box.width + x) * 3;
      mix(rows, from, box.width * 3, shares, data, (y * box.width + x) * 3);
    }
  }
  return { width: box.width, height: box.height, data: new Uint8Array(data.buffer) };
}

/** One pixel from several that are `step` bytes apart. */
function mix(
  pixels: Uint8Array | Uint8ClampedArray,
  from: number,
  step: number,
  shares: Int32Array,
  into: Uint8ClampedArray,
  to: number,
): void {
  let red = UNIT / 2;
  let green = UNIT / 2;
  let blue = UNIT / 2;
  for (let at = 0, pixel = from; at < shares.length; at++, pixel += step) {
    red += shares[at] * pixels[pixel];
    green += shares[at] * pixels[pixel + 1];
    blue += shares[at] * pixels[pixel + 2];
  }
  into[to] = red >> 22;
  into[to + 1] = green >> 22;
  into[to + 2] = blue >> 22;
}

/** What the outputs from `first` on read, where `from` inputs become `to` outputs. */
function spans(from: number, to: number, first: number, count: number, { support, weight }: Filter): Span[] {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  return Array.from({ length: count }, (_, at) => {
    const centre = (first + at + 0.5) * scale;
    const start = Math.max(0, Math.floor(centre - support * stretch + 0.5));
    const end = Math.min(from, Math.floor(centre + support * stretch + 0.5));
    const weights = Float64Array.from({ length: end - start }, (_, pixel) => {
      const distance = Math.abs(start + pixel + 0.5 - centre) / stretch;
      return distance < support ? weight(distance) : 0;
    });
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { start, shares: Int32Array.from(weights, (weight) => Math.round((weight / total) * UNIT)) };
  });
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
