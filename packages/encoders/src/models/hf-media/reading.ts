/** What to take from an output of a model as the embedding. */
export interface Reading {
  /** Name of the output. */
  readonly output: string;
  /**
   * 'row': the output is the embedding, of shape [batch, dimensions]. 'first': the first token of [batch, tokens,
   * dimensions]. 'mean': the mean of its tokens, or of the places of a map [batch, dimensions, height, width].
   */
  readonly pooling: 'row' | 'first' | 'mean';
  /** Tokens at the start that the mean leaves out: class and register tokens. */
  readonly skip?: number;
}

/** The embedding of one input, not normalised, from an output of a whole batch. Undefined for a shape that does not fit. */
export function readEmbedding(
  { pooling, skip = 0 }: Reading,
  { shape, data }: { readonly shape: readonly number[]; readonly data: Float32Array },
  row: number,
): Float32Array | undefined {
  const size = shape.slice(1).reduce((product, side) => product * side, 1);
  const values = data.subarray(row * size, (row + 1) * size);
  if (shape.length === 2) return pooling === 'row' ? values.slice() : undefined;
  if (shape.length === 3 && pooling === 'first') return values.slice(0, shape[2]);
  if (shape.length === 3 && pooling === 'mean') return meanToken(values.subarray(skip * shape[2]), shape[2]);
  if (shape.length === 4 && pooling === 'mean') return meanPlace(values, shape[1]);
  // ConvNeXT and its like keep the sides of their pooled map.
  if (pooling === 'row' && size === shape[1]) return values.slice();
  return undefined;
}

function meanToken(values: Float32Array, width: number): Float32Array {
  const sums = new Float64Array(width);
  for (let at = 0; at < values.length; at++) sums[at % width] += values[at];
  return Float32Array.from(sums, (sum) => sum / (values.length / width));
}

function meanPlace(values: Float32Array, channels: number): Float32Array {
  const places = values.length / channels;
  return Float32Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let at = channel * places; at < (channel + 1) * places; at++) sum += values[at];
    return sum / places;
  });
}
