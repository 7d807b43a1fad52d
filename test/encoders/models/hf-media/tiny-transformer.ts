import { TinyGraph, type Matrix } from '../tiny-graph.js';
import type { TinyBlock } from './tiny-weights.js';

/** Builds small ONNX graphs of the parts that transformers are made of. Each method gives the name of its output. */
export class TinyTransformer extends TinyGraph {
  /** The length of a dimension, a scalar. */
  length(x: string, axis: number): string {
    return this.node('Gather', [this.node('Shape', [x]), this.integers(axis)]);
  }

  /** 0, 1, … up to the length of a dimension. */
  positions(x: string, axis: number): string {
    return this.node('Range', [this.integers(0), this.length(x, axis), this.integers(1)]);
  }

  /** One entry of a dimension, which vanishes. */
  pick(x: string, axis: number, at: number, output?: string): string {
    return this.node('Gather', [x, this.integers(at)], { axis: { int: axis } }, output);
  }

  norm(x: string, scale: Matrix, shift: Matrix): string {
    return this.node('LayerNormalization', [x, this.constant(scale), this.constant(shift)], {
      epsilon: { float: 1e-5 },
    });
  }

  times(x: string, weight: Matrix, output?: string): string {
    return this.node('MatMul', [x, this.constant(weight)], {}, output);
  }

  /** x * sigmoid(1.702 x) */
  gelu(x: string): string {
    return this.node('Mul', [x, this.node('Sigmoid', [this.node('Mul', [x, this.scalar(1.702)])])]);
  }

  /** A pre-norm transformer layer with one head. @param bias added to the scores before the softmax */
  block(x: string, weights: TinyBlock, bias?: string): string {
    const normed = this.norm(x, weights.firstScale, weights.firstShift);
    const [query, key, value] = [weights.query, weights.key, weights.value].map((weight) => this.times(normed, weight));
    const raw = this.node('MatMul', [query, this.node('Transpose', [key], { perm: { ints: [0, 2, 1] } })]);
    const scores = this.node('Mul', [raw, this.scalar(1 / Math.sqrt(weights.query.shape[1]))]);
    const shares = this.node('Softmax', [bias ? this.node('Add', [scores, bias]) : scores], { axis: { int: -1 } });
    const attended = this.node('Add', [x, this.times(this.node('MatMul', [shares, value]), weights.out)]);
    const again = this.norm(attended, weights.secondScale, weights.secondShift);
    return this.node('Add', [attended, this.times(this.gelu(this.times(again, weights.up)), weights.down)]);
  }
}
