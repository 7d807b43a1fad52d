/** A decoded image: 8-bit sRGB, row by row from the top, three bytes a pixel (height x width x 3). */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** In pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** A part of an image, in its pixels. */
export interface ImageBox extends ImageSize {
  readonly left: number;
  readonly top: number;
}
