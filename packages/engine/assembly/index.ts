export { dot, squaredEuclidean } from './distance';
export { scanDot, scanEuclidean } from './scan';
