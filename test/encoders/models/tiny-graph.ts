import {
  writeOnnxModel,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxType,
} from '@nearfield/encoders/internals/convert/onnx-model';
import type { Weight } from '@nearfield/encoders/internals/convert/weights';

/** Numbers in row-major order. */
export interface Matrix {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A source of matrices with numbers from -scale to scale; equal seeds give equal ones (Mulberry32). */
export function randomMatrices(seed: number): (shape: readonly number[], scale?: number) => Matrix {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return (shape, scale = 0.5) => {
    const length = shape.reduce((product, dimension) => product * dimension, 1);
    return { shape, data: Float32Array.from({ length }, () => (next() * 2 - 1) * scale) };
  };
}

/** Builds a small ONNX graph node by node; tensors are named by what the methods return. */
export class TinyGraph {
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers = new Map<string, Weight>();
  readonly #inputs: { name: string; type: OnnxType }[] = [];
  #serial = 0;

  input(name: string, type: OnnxType): string {
    this.#inputs.push({ name, type });
    return name;
  }

  constant({ shape, data }: Matrix): string {
    return this.#initializer({ shape, dtype: 'float32', data });
  }

  scalar(value: number): string {
    return this.constant({ shape: [], data: Float32Array.of(value) });
  }

  /** A list of integers, or a scalar. */
  integers(values: readonly number[] | number): string {
    const list = typeof values === 'number' ? [values] : values;
    const shape = typeof values === 'number' ? [] : [list.length];
    return this.#initializer({ shape, dtype: 'int64', data: Int32Array.from(list) });
  }

  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    output = `t${this.#serial++}`,
  ): string {
    this.#nodes.push({ op, name: output, inputs, outputs: [output], attributes });
    return output;
  }

  /** x · weight + bias */
  linear(x: string, weight: Matrix, bias: Matrix): string {
    return this.node('Add', [this.node('MatMul', [x, this.constant(weight)]), this.constant(bias)]);
  }

  write(outputs: readonly string[]): Uint8Array {
    return writeOnnxModel({
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: this.#inputs,
      outputs: outputs.map((name) => ({ name })),
    });
  }

  #initializer(weight: Weight): string {
    const name = `c${this.#serial++}`;
    this.#initializers.set(name, weight);
    return name;
  }
}
