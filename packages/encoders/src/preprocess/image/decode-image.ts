import sharp, { type Metadata, type Sharp } from 'sharp';
import { throwIfAborted, type MediaSource, type NearfieldError } from '@nearfield/engine/encoder';
import { readMedia } from '../media/read-media.js';
import { unreadable } from '../media/unreadable.js';
import { SVG, contentOf } from './content.js';
import { DecodeBudget } from './decode-budget.js';
import {
  DECODE_SECONDS,
  MAX_AVIF_PIXELS,
  MAX_IMAGE_BYTES,
  MAX_STREAMED_PIXELS,
  MAX_SVG_BYTES,
  MAX_WHOLE_PIXELS,
} from './limits.js';
import type { ImageBox, ImageSize, RgbImage } from './rgb-image.js';

const FORMATS = 'JPEG, PNG, WebP, GIF, AVIF, TIFF or SVG';

/** Names that sharp gives to the formats; AVIF is `heif` with the compression `av1`. */
const KNOWN_FORMATS: ReadonlySet<string> = new Set(['jpeg', 'png', 'webp', 'gif', 'heif', 'tiff', 'svg']);

export interface DecodeImageOptions {
  /** The size of the result. Default: that of the image. */
  readonly size?: ImageSize;
  /**
   * How an image of another shape comes to `size`. `fill` (the default) stretches it; `cover` keeps its shape and cuts
   * off what is beyond the middle, as "resize the shorter side, then crop" does; `contain` keeps it whole, between
   * margins of white.
   */
  readonly fit?: 'fill' | 'cover' | 'contain';
  /** Default: `linear`, which models' configurations call bilinear. `cubic` is Catmull-Rom (bicubic with a = -0.5). */
  readonly kernel?: 'nearest' | 'linear' | 'cubic' | 'lanczos3';
  /** The part of the resized image to give, in its pixels. Default: all of it. */
  readonly crop?: ImageBox;
  readonly signal?: AbortSignal;
}

/** An image file in memory, of which the header alone was read. */
export interface LoadedImage {
  readonly source: MediaSource;
  readonly bytes: Uint8Array;
  readonly metadata: Metadata;
}

const budget = new DecodeBudget();

/**
 * Decodes the first picture of a JPEG, PNG, WebP, GIF, AVIF, TIFF or SVG file to 8-bit sRGB, upright by its EXIF
 * orientation, over white where it is transparent. Colour profiles, CMYK, greyscale and 16 bits are converted; an SVG
 * is drawn at the size asked for, and nothing outside of it is read. Making it smaller is antialiased. All of it runs
 * off the calling thread, a few images at a time (DecodeBudget).
 *
 * Throws UNREADABLE_MEDIA for everything that is not a whole image within the limits (limits.ts), ABORTED.
 */
export async function decodeImage(source: MediaSource, options: DecodeImageOptions = {}): Promise<RgbImage> {
  throwIfAborted(options.signal);
  return decodeLoaded(await loadImage(source), options);
}

/** Reads a file and its header, for one that is decoded more than once. Throws UNREADABLE_MEDIA. */
export async function loadImage(source: MediaSource): Promise<LoadedImage> {
  const bytes = await readMedia('image', source, MAX_IMAGE_BYTES);
  const content = contentOf(bytes);
  if (content === SVG && bytes.byteLength > MAX_SVG_BYTES) {
    throw unreadable('image', source, 'the SVG document is too large', {
      expected: `at most ${MAX_SVG_BYTES} bytes`,
      received: `${bytes.byteLength} bytes`,
      remedy: 'Convert it to PNG or JPEG.',
    });
  }
  if (content !== undefined && content !== SVG) {
    throw unreadable('image', source, 'it is not an image that can be decoded', {
      expected: FORMATS,
      received: content,
    });
  }
  try {
    return { source, bytes, metadata: await sharp(bytes, { limitInputPixels: false }).metadata() };
  } catch (error) {
    throw decodingFailed(source, error);
  }
}

/** Decodes a file that was read, as `decodeImage` does. Throws UNREADABLE_MEDIA, ABORTED. */
export async function decodeLoaded(image: LoadedImage, options: DecodeImageOptions = {}): Promise<RgbImage> {
  const pixels = checkLimits(image, options.size !== undefined);
  return budget.during(pixels, async () => {
    throwIfAborted(options.signal);
    try {
      return await decode(image.bytes, options);
    } catch (error) {
      throw decodingFailed(image.source, error);
    }
  });
}

/** The pixels that are in memory while the image is decoded. Throws UNREADABLE_MEDIA. */
function checkLimits({ source, bytes, metadata }: LoadedImage, resized: boolean): number {
  const { format, width, height } = metadata;
  if (!KNOWN_FORMATS.has(format)) {
    throw unreadable('image', source, 'its format is not supported', { expected: FORMATS, received: format });
  }
  const streamed = resized && isStreamed(metadata);
  const most = streamed ? MAX_STREAMED_PIXELS : format === 'heif' ? MAX_AVIF_PIXELS : MAX_WHOLE_PIXELS;
  if (width * height > most) {
    throw unreadable('image', source, 'it has too many pixels', {
      expected: `at most ${most} pixels`,
      received: `${width} x ${height}`,
      remedy: 'Make it smaller first.',
    });
  }
  // An SVG may hold images of any size.
  if (format === 'svg' && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('data:')) return most;
  return streamed ? 0 : (width * height * MAX_WHOLE_PIXELS) / most;
}

/** Whether rows are decoded one after the other and need not all be in memory. */
function isStreamed({ format, isProgressive, orientation = 1 }: Metadata): boolean {
  // Orientations above 4 exchange rows and columns.
  return (format === 'jpeg' || format === 'png') && !isProgressive && orientation <= 4;
}

async function decode(bytes: Uint8Array, options: DecodeImageOptions): Promise<RgbImage> {
  const pipeline = sharp(bytes, { failOn: 'error', limitInputPixels: MAX_STREAMED_PIXELS })
    .timeout({ seconds: DECODE_SECONDS })
    .autoOrient()
    .flatten({ background: '#fff' })
    .toColourspace('srgb');
  const { data, info } = await resized(pipeline, options).raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

function resized(pipeline: Sharp, { size, fit = 'fill', kernel = 'linear', crop }: DecodeImageOptions): Sharp {
  if (size !== undefined) pipeline.resize({ ...size, fit, kernel, background: '#fff' });
  if (crop !== undefined) pipeline.extract(crop);
  return pipeline;
}

function decodingFailed(source: MediaSource, cause: unknown): NearfieldError {
  const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, ' ').trim();
  return unreadable('image', source, `it is damaged, cut off or of an unknown format (${reason})`, {
    expected: `a whole ${FORMATS}`,
    remedy: 'Open it in an image viewer and save it anew, or leave it out.',
    cause,
  });
}
