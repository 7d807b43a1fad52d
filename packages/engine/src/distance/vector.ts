import { NearfieldError } from '../errors/index.js';
import type { Metric } from './metric.js';

/** The largest number of dimensions of a dense vector. */
export const MAX_DIMENSIONS = 65_536;

/** The largest magnitude of a component: squares and their sums over MAX_DIMENSIONS stay finite in f32. */
export const MAX_COMPONENT = Math.fround(1e16);

/**
 * Throws unless `values` is a Float32Array of exactly `dimensions` finite numbers (with a direction, under cosine).
 * `where` names the vector in the message, and is only called for one; `at` adds the record, the field and the part to the details.
 */
export function checkVector(
  values: unknown,
  dimensions: number,
  metric: Metric,
  where: () => string,
  at: { record?: string | number; field?: string; part?: number } = {},
): asserts values is Float32Array {
  if (!(values instanceof Float32Array)) {
    throw new NearfieldError('INVALID_VECTOR', `${where()} is not a Float32Array`, {
      ...at,
      received: Array.isArray(values) ? `an array of ${values.length}` : typeof values,
      remedy: Array.isArray(values) ? 'Wrap it: Float32Array.from(array).' : 'Give a Float32Array of finite numbers.',
    });
  }
  if (values.length !== dimensions) {
    throw new NearfieldError('DIMENSION_MISMATCH', `${where()} has the wrong number of dimensions`, {
      ...at,
      expected: String(dimensions),
      received: String(values.length),
    });
  }
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i]);
    if (!(magnitude <= MAX_COMPONENT)) {
      throw new NearfieldError('INVALID_VECTOR', `${where()} has a component out of range at index ${i}`, {
        ...at,
        expected: `finite numbers of magnitude up to 1e16`,
        received: String(values[i]),
      });
    }
    if (magnitude > largest) largest = magnitude;
  }
  if (metric === 'cosine' && largest === 0) {
    throw new NearfieldError('ZERO_VECTOR', `${where()} is a zero vector, which has no cosine`, at);
  }
}

/** Writes `source` scaled to length 1 into `target`; computed in double precision, so that tiny vectors keep their direction. */
export function normalizeInto(target: Float32Array, offset: number, source: Float32Array): void {
  let sum = 0;
  for (let i = 0; i < source.length; i++) sum += source[i] * source[i];
  const scale = 1 / Math.sqrt(sum);
  for (let i = 0; i < source.length; i++) target[offset + i] = source[i] * scale;
}
