export { dot, squaredEuclidean } from './distance';
export { scanDot, scanEuclidean } from './scan';
export { insert } from './hnsw/insert';
export { walk } from './hnsw/walk';
export { fastestQueryCode } from './hnsw/products';
export { validateGraph } from './hnsw/validate';
export { normalizeRows, rescoreNodes, scanNodes } from './hnsw/exact';
export { codeInt8Query } from './hnsw/code-query';
export { encodeInt8, encodeBinary } from './hnsw/encode';
