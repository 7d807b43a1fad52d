import { randomMatrices, type Matrix } from '../tiny-graph.js';

export interface TinyBlock {
  readonly firstScale: Matrix;
  readonly firstShift: Matrix;
  readonly query: Matrix;
  readonly key: Matrix;
  readonly value: Matrix;
  readonly out: Matrix;
  readonly secondScale: Matrix;
  readonly secondShift: Matrix;
  readonly up: Matrix;
  readonly down: Matrix;
}

/** Reproducible random weights. */
export class TinyWeights {
  /** Uniform in [-scale, scale); by default 0.5. */
  readonly make: (shape: readonly number[], scale?: number) => Matrix;

  constructor(seed: number) {
    this.make = randomMatrices(seed);
  }

  block(width: number): TinyBlock {
    return {
      firstScale: this.make([width], 1),
      firstShift: this.make([width]),
      query: this.make([width, width]),
      key: this.make([width, width]),
      value: this.make([width, width]),
      out: this.make([width, width]),
      secondScale: this.make([width], 1),
      secondShift: this.make([width]),
      up: this.make([width, 2 * width]),
      down: this.make([2 * width, width]),
    };
  }
}
