import type { Quantization } from '../schema/index.js';

/** What a space is like, as far as costs go. */
export interface VectorShape {
  readonly dimensions: number;
  readonly quantization: Quantization;
  /** Whether full-precision vectors are in memory, and not only in the file. */
  readonly inMemory: boolean;
}

/** Microseconds a byte that is read in order: about 25 GB/s. */
const SCAN_BYTE = 4e-5;
/** Microseconds a vector that is scanned under a bitmap: the test, and the jump to the next one. */
const SCAN_VECTOR = 2e-3;
/** Microseconds a distance of a walk: a jump in memory, and the byte it then reads. */
const WALK_DISTANCE = 0.05;
const WALK_BYTE = 1.6e-4;
/** Microseconds a byte that is read from the file in order. */
const FILE_BYTE = 1e-3;

/** Time of comparing so many vectors out of `vectors` with a query, in microseconds. */
export function scanCost({ dimensions, inMemory }: VectorShape, vectors: number, allowed: number): number {
  if (!inMemory) return vectors * dimensions * 4 * FILE_BYTE;
  return allowed * dimensions * 4 * SCAN_BYTE + vectors * SCAN_VECTOR;
}

/** Time of a walk that computes so many distances, in microseconds. */
export function walkCost({ dimensions, quantization }: VectorShape, distances: number): number {
  return distances * (WALK_DISTANCE + bytesOfCode(dimensions, quantization) * WALK_BYTE);
}

function bytesOfCode(dimensions: number, quantization: Quantization): number {
  switch (quantization) {
    case 'none':
      return dimensions * 4;
    case 'int8':
      return dimensions;
    case 'binary':
      return dimensions / 8;
    default:
      return quantization satisfies never;
  }
}
