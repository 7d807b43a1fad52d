import { normalizeInto } from '../distance/index.js';
import type { Metric } from '../distance/index.js';
import type { Combination } from '../schema/index.js';
import type { Slot } from './vector-encoder.js';

/** An embedding, and what it is to the vector. */
export interface Part {
  readonly slot: Slot;
  readonly embedding: Float32Array;
}

/**
 * One vector from the embeddings of several parts: their weighted mean, their product component by component, or one
 * behind the other. Under cosine each part has length 1 in it, so that weights alone say what it counts. What has no
 * part is left out of a mean and of a product, and is zeros in a concatenation. Parts of a mean that are opposite cancel
 * out: a vector of zeros is none.
 *
 * @param parts at least one; none is of zeros
 * @param dimensions of the vector
 */
export function combine(kind: Combination, parts: readonly Part[], dimensions: number, metric: Metric): Float32Array {
  const [first] = parts;
  if (kind === 'join' && parts.length === 1) return first.embedding;
  const scaled = parts.map(({ slot, embedding }) => ({
    ...slot,
    values: metric === 'cosine' ? unit(embedding) : embedding,
  }));
  switch (kind) {
    case 'join':
    case 'mean':
      return mean(scaled, dimensions);
    case 'product':
      return Float32Array.from({ length: dimensions }, (_, d) =>
        scaled.reduce((product, { values }) => product * values[d], 1),
      );
    case 'concat': {
      const combined = new Float32Array(dimensions);
      for (const { values, weight, offset } of scaled)
        combined.set(
          values.map((value) => value * weight),
          offset,
        );
      return combined;
    }
    default:
      return kind satisfies never;
  }
}

function mean(parts: readonly { values: Float32Array; weight: number }[], dimensions: number): Float32Array {
  const sum = new Float64Array(dimensions);
  let total = 0;
  for (const { values, weight } of parts) {
    for (let d = 0; d < dimensions; d++) sum[d] += weight * values[d];
    total += weight;
  }
  return Float32Array.from(sum, (value) => value / total);
}

function unit(embedding: Float32Array): Float32Array {
  const values = new Float32Array(embedding.length);
  normalizeInto(values, 0, embedding);
  return values;
}
