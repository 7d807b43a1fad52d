/**
 * How the embeddings of a text's tokens become one (Reimers and Gurevych 2019, "Sentence-BERT"): their mean or maximum,
 * the first or the last token's, their sum divided by the square root of their number, or a mean in which later tokens
 * weigh more (Muennighoff 2022, "SGPT").
 */
export type Pooling = 'mean' | 'cls' | 'last' | 'max' | 'mean_sqrt_len' | 'weighted_mean';

export const POOLINGS: readonly Pooling[] = ['mean', 'cls', 'last', 'max', 'mean_sqrt_len', 'weighted_mean'];

/** The tokens of one text that count, from `start` up to, not including, `end`; at least one. */
export interface TokenRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Pools token embeddings of shape [ranges.length, length, dimensions] to one of shape [ranges.length, dimensions].
 * Tokens outside of a row's range, such as padding, do not count; `cls` takes the very first.
 */
export function pool(
  tokens: Float32Array,
  { length, dimensions }: { readonly length: number; readonly dimensions: number },
  ranges: readonly TokenRange[],
  pooling: Pooling,
): Float32Array {
  const pooled = new Float32Array(ranges.length * dimensions);
  for (const [row, range] of ranges.entries()) {
    const first = row * length * dimensions;
    const embedding = (token: number): Float32Array =>
      tokens.subarray(first + token * dimensions, first + (token + 1) * dimensions);
    pooled.set(poolRow(embedding, range, dimensions, pooling), row * dimensions);
  }
  return pooled;
}

function poolRow(
  embedding: (token: number) => Float32Array,
  { start, end }: TokenRange,
  dimensions: number,
  pooling: Pooling,
): Float32Array | Float64Array {
  const count = end - start;
  switch (pooling) {
    case 'cls':
      return embedding(0);
    case 'last':
      return embedding(end - 1);
    case 'max': {
      const maximum = embedding(start).slice();
      for (let token = start + 1; token < end; token++) {
        const values = embedding(token);
        for (let at = 0; at < dimensions; at++) if (values[at] > maximum[at]) maximum[at] = values[at];
      }
      return maximum;
    }
    case 'mean':
      return weightedSum(embedding, start, end, dimensions, () => 1 / count);
    case 'mean_sqrt_len':
      return weightedSum(embedding, start, end, dimensions, () => 1 / Math.sqrt(count));
    case 'weighted_mean': {
      // Weights are the places in the text, from 1.
      const total = ((start + 1 + end) * count) / 2;
      return weightedSum(embedding, start, end, dimensions, (token) => (token + 1) / total);
    }
    default:
      return pooling satisfies never;
  }
}

function weightedSum(
  embedding: (token: number) => Float32Array,
  start: number,
  end: number,
  dimensions: number,
  weight: (token: number) => number,
): Float64Array {
  const sum = new Float64Array(dimensions);
  for (let token = start; token < end; token++) {
    const values = embedding(token);
    const factor = weight(token);
    for (let at = 0; at < dimensions; at++) sum[at] += values[at] * factor;
  }
  return sum;
}
