/** Cuts a stream of samples into blocks of one length, each beginning a fixed number of samples after the one before. */
export class SampleBlocks {
  readonly #waiting: Float32Array;
  #length = 0;

  /** @param hop at most `length` */
  constructor(
    private readonly length: number,
    private readonly hop: number,
  ) {
    this.#waiting = new Float32Array(length);
  }

  /** The blocks that these further samples complete, each valid until the next one is asked for. Take all of them. */
  *append(samples: Float32Array): Generator<Float32Array> {
    for (let at = 0; at < samples.length; ) {
      const part = samples.subarray(at, at + this.length - this.#length);
      this.#waiting.set(part, this.#length);
      this.#length += part.length;
      at += part.length;
      if (this.#length < this.length) continue;
      yield this.#waiting;
      this.#waiting.copyWithin(0, this.hop);
      this.#length -= this.hop;
    }
  }

  /** What no block has begun with: the start of the next block. */
  rest(): Float32Array {
    return this.#waiting.slice(0, this.#length);
  }
}
