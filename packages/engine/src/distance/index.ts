export { METRICS, type Metric } from './metric.js';
export {
  adoptKernels,
  compiledKernels,
  simdKernel,
  type BitKernel,
  type CompiledKernels,
  type Kernel,
} from './kernel.js';
export { hasRelaxedSimd } from './relaxed-simd.js';
export { readTopK, resetTopK, topKBytes, type TopK } from './top-k.js';
export { copyVector } from './copy-vector.js';
export { MAX_DIMENSIONS, checkVector, normalizeInto } from './vector.js';
export type { GraphKernel } from './graph-kernel.js';
export { clampCosine, distanceFromSquare, kernelFloor, publicScore } from './score.js';
