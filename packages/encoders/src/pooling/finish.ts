/** What is done to a pooled embedding. */
export interface Finish {
  /** Length that is kept: the first numbers of a Matryoshka embedding are an embedding of their own. */
  readonly dimensions: number;
  /** Scale to length 1, after cutting. */
  readonly normalize: boolean;
  /** Layer normalization without weights before cutting, which some models were trained with. */
  readonly layerNorm: boolean;
}

/** Epsilon of layer normalization in PyTorch. */
const EPSILON = 1e-5;

/**
 * Cuts embeddings of shape [rows, width] to [rows, finish.dimensions] and brings each to length 1 if wanted (Kusupati
 * et al. 2022, "Matryoshka Representation Learning"). A zero vector stays one.
 */
export function finishEmbeddings(embeddings: Float32Array, width: number, finish: Finish): Float32Array {
  const rows = embeddings.length / width;
  const { dimensions } = finish;
  const finished = new Float32Array(rows * dimensions);
  for (let row = 0; row < rows; row++) {
    const whole = embeddings.subarray(row * width, (row + 1) * width);
    const kept = (finish.layerNorm ? layerNormalized(whole) : whole).subarray(0, dimensions);
    const scale = finish.normalize ? 1 / (euclideanNorm(kept) || 1) : 1;
    for (let at = 0; at < dimensions; at++) finished[row * dimensions + at] = kept[at] * scale;
  }
  return finished;
}

function layerNormalized(values: Float32Array): Float32Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const deviation = Math.sqrt(variance + EPSILON);
  return values.map((value) => (value - mean) / deviation);
}

function euclideanNorm(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}
