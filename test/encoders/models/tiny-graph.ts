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

/**
 * A graph that looks up the rows of a matrix by `input_ids`, whose numbers stand in another file from its start on
 * (ModelProto with TensorProto.external_data; the field numbers are those of onnx.proto).
 */
export function lookupWithExternalData({ shape }: Matrix, file: string): Uint8Array {
  const [float32, int64, external] = [1, 7, 1];
  const value = (field: number, name: string, type: number): Buffer =>
    message(field, text(1, name), message(2, message(1, integer(1, type))));
  const words = message(
    5,
    ...shape.map((length) => integer(1, length)),
    integer(2, float32),
    text(8, 'words'),
    message(13, text(1, 'location'), text(2, file)),
    integer(14, external),
  );
  const node = message(1, text(1, 'words'), text(1, 'input_ids'), text(2, 'last_hidden_state'), text(4, 'Gather'));
  const [input, output] = [value(11, 'input_ids', int64), value(12, 'last_hidden_state', float32)];
  const graph = message(7, node, text(2, 'lookup'), words, input, output);
  return Buffer.concat([integer(1, 9), graph, message(8, integer(2, 18))]);
}

/** Fields of a Protocol Buffers message; the numbers of all are below 16, so that a tag is one byte. */
const integer = (field: number, value: number): Buffer => Buffer.from([field << 3, ...varint(value)]);
const message = (field: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(content.length)]), content]);
};
const text = (field: number, value: string): Buffer => message(field, Buffer.from(value));

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}
