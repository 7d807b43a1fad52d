/** The largest file that is read as an image, in bytes: 256 MiB. */
export const MAX_IMAGE_BYTES = 256 * 2 ** 20;

/** The most pixels of an image that is decoded row by row: 400 million, for example 20 000 x 20 000. */
export const MAX_STREAMED_PIXELS = 400_000_000;

/**
 * The most pixels of an image that must be decoded as a whole: 100 million, which take up to 800 MB while it is
 * decoded. These are all but sequential JPEG and PNG files that are made smaller while they are read.
 */
export const MAX_WHOLE_PIXELS = 100_000_000;

/** The most pixels of an AVIF image: 50 million, whose decoder takes up to 19 bytes for each. */
export const MAX_AVIF_PIXELS = 50_000_000;

/** The largest SVG document, in bytes: 16 MiB. It may hold images within, which the decoder reads as a whole. */
export const MAX_SVG_BYTES = 16 * 2 ** 20;

/** How long decoding may take, in seconds: a document of a few kilobytes can describe work without end. */
export const DECODE_SECONDS = 60;
