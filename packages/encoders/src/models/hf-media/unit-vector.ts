import { NearfieldError } from '@nearfield/engine/encoder';

/**
 * The first `dimensions` numbers of a vector (Kusupati et al. 2022, "Matryoshka representation learning"), brought to
 * length 1. Throws ENCODER_FAILED for a vector without direction or with numbers that are not finite.
 */
export function unitVector(vector: Float32Array, dimensions: number): Float32Array {
  const part = vector.subarray(0, dimensions);
  const length = Math.sqrt(part.reduce((sum, value) => sum + value * value, 0));
  if (length > 0 && Number.isFinite(length)) return part.map((value) => value / length);
  throw new NearfieldError('ENCODER_FAILED', 'The model gave an embedding without direction', {
    expected: 'finite numbers, not all 0',
    remedy: 'Try another precision: with 16 bits, numbers of some models overflow.',
  });
}

/** Vectors of one length as one block, row by row. */
export function inRows(vectors: readonly Float32Array[]): Float32Array {
  const width = vectors[0]?.length ?? 0;
  const rows = new Float32Array(vectors.length * width);
  for (const [row, vector] of vectors.entries()) rows.set(vector, row * width);
  return rows;
}
