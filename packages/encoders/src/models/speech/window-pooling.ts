/** Mean and maximum over windows, each scaled to length 1 and the two together too. */
export class WindowPooling {
  readonly #sum: Float64Array;
  readonly #largest: Float64Array;
  #windows = 0;

  /** @param dimensions of a window's embedding */
  constructor(private readonly dimensions: number) {
    this.#sum = new Float64Array(dimensions);
    this.#largest = new Float64Array(dimensions).fill(Number.NEGATIVE_INFINITY);
  }

  /** @param embeddings of shape [windows, dimensions] */
  add(embeddings: Float32Array): void {
    for (let at = 0; at < embeddings.length; at++) {
      const place = at % this.dimensions;
      this.#sum[place] += embeddings[at];
      this.#largest[place] = Math.max(this.#largest[place], embeddings[at]);
    }
    this.#windows += embeddings.length / this.dimensions;
  }

  /** The pooled embedding of length 2 * dimensions: mean, then maximum. There must have been a window. */
  result(): Float32Array {
    const mean = this.#sum.map((sum) => sum / this.#windows);
    return Float32Array.from([...halfLength(mean), ...halfLength(this.#largest)]);
  }
}

/** The vector scaled to length √½, so that two of them have length 1. */
function halfLength(vector: Float64Array): Float64Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => (value * Math.SQRT1_2) / length);
}
