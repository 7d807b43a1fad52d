/** Registered name of the encoder. */
export const NAME = 'image:mobilenet-v2';

/** Changes whenever preprocessing changes an embedding. */
export const VERSION = '1';

/** Length of an embedding. */
export const DIMENSIONS = 1792;

/** Width and height that the model reads, in pixels. */
export const SIDE = 224;

/** Bytes of the pixels of one image. */
export const PIXEL_BYTES = SIDE * SIDE * 3;

/** The graph's input, [images, 224, 224, 3] from 0 to 1. */
export const INPUT = 'input';

/** How the name of the node ends that holds the features; behind it comes a classifier, which is left out. */
export const FEATURES = '/feature_vector/SpatialSqueeze';
