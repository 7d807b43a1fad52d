/** Mean and standard deviation of vectors that come one by one (Welford, 1962). */
export class Moments {
  readonly mean: Float64Array;
  readonly #squares: Float64Array;
  count = 0;

  constructor(length: number) {
    this.mean = new Float64Array(length);
    this.#squares = new Float64Array(length);
  }

  add(values: ArrayLike<number>): void {
    this.count++;
    for (let at = 0; at < this.mean.length; at++) {
      const difference = values[at] - this.mean[at];
      this.mean[at] += difference / this.count;
      this.#squares[at] += difference * (values[at] - this.mean[at]);
    }
  }

  /** Standard deviation of what came so far, 0 before that. */
  get deviation(): Float64Array {
    return this.#squares.map((squares) => Math.sqrt(squares / Math.max(1, this.count)));
  }

  /** Root of the mean square. */
  get rootMeanSquare(): Float64Array {
    const count = Math.max(1, this.count);
    return this.#squares.map((squares, at) => Math.sqrt(squares / count + this.mean[at] ** 2));
  }
}
