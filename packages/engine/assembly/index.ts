export { dot, squaredEuclidean } from './distance';
export { scanDot, scanEuclidean } from './scan';
export { walk } from './hnsw/walk';
export { validateGraph } from './hnsw/validate';
export { normalizeRows, rescoreNodes, scanNodes } from './hnsw/exact';
export { encodeInt8, encodeBinary } from './hnsw/encode';
