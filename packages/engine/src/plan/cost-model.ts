import type { MeasuredTimes } from '../indexes/index.js';
import type { Quantization } from '../schema/index.js';

/** What a space is like, as far as costs go. */
export interface VectorShape {
  readonly dimensions: number;
  readonly quantization: Quantization;
  /** Whether full-precision vectors are in memory, and not only in the file. */
  readonly inMemory: boolean;
}

/** Microseconds a byte that is read in order (about 25 GB/s), and of a vector somewhere in memory. */
const SCAN_BYTE = 4e-5;
const LISTED_BYTE = 6e-5;
const LISTED_VECTOR = 0.03;
/** Microseconds a vector that is passed under a bitmap: the test, and the jump to the next one. */
const PASSED_VECTOR = 2e-3;
/** Microseconds a row that the bitmap has a bit for, and a matching one that is looked up. */
const BITMAP_ROW = 1e-4;
const LOOKED_UP = 5e-3;
/** Microseconds a distance of a walk: a jump in memory, and the byte it then reads; and a node whose links are followed. */
const WALK_DISTANCE = 0.05;
const WALK_BYTE = 1.6e-4;
const WALK_HOP = 0.08;
/** Microseconds a byte that is read from the file in order, and a vector that is read by its key. */
const FILE_BYTE = 1e-3;
const FILE_VECTOR = 8;
/** From this share on, memory is read in order where every vector is passed. */
const IN_ORDER = 0.3;

/** Microseconds of the elementary steps: as measured when a graph was made, or as is usual. */
export function timesOf(shape: VectorShape, measured?: MeasuredTimes): MeasuredTimes {
  if (measured !== undefined) return measured;
  const bytes = shape.dimensions * 4;
  return {
    distance: WALK_DISTANCE + bytesOfCode(shape) * WALK_BYTE,
    hop: WALK_HOP,
    scanned: bytes * SCAN_BYTE + PASSED_VECTOR,
    listed: bytes * LISTED_BYTE + LISTED_VECTOR,
  };
}

/** Time of passing `vectors` and comparing those of them that match with a query, in microseconds. */
export function scanCost(shape: VectorShape, times: MeasuredTimes, vectors: number, matching: number): number {
  if (!shape.inMemory) return vectors * shape.dimensions * 4 * FILE_BYTE;
  const each = matching >= vectors * IN_ORDER ? times.scanned : times.listed;
  return vectors * PASSED_VECTOR + matching * each;
}

/** Time of looking up the vectors that match, of the `rows` there are, and comparing them, in microseconds. */
export function listedScanCost(shape: VectorShape, times: MeasuredTimes, rows: number, matching: number): number {
  const each = shape.inMemory ? times.listed : FILE_VECTOR;
  return rows * BITMAP_ROW + matching * (each + LOOKED_UP);
}

/** Time of a walk that computes so many distances and follows the links of so many nodes, in microseconds. */
export function walkCost(times: MeasuredTimes, { computed, hops }: { computed: number; hops: number }): number {
  return computed * times.distance + hops * times.hop;
}

function bytesOfCode({ dimensions, quantization }: VectorShape): number {
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
