import type { Matrix } from '../tiny-graph.js';
import { gelu, mean, times } from './scalar.js';
import type { TinyTransformer } from './tiny-transformer.js';
import type { TinyWeights } from './tiny-weights.js';

/** A convolution over all mels of a few frames, and a projection of its mean over time. */
export interface TinyMelTower {
  /** [width, channels, frames, mels] */
  readonly filters: Matrix;
  readonly projection: Matrix;
}

export function tinyMelTower(weights: TinyWeights, mels: number, channels = 1): TinyMelTower {
  return { filters: weights.make([8, channels, 4, mels], 0.01), projection: weights.make([8, 6]) };
}

/** Adds the tower to a graph with the input `input_features`. */
export function addMelTower(graph: TinyTransformer, { filters, projection }: TinyMelTower, output: string): void {
  graph.input('input_features', 'float32');
  const strides = { ints: filters.shape.slice(2) };
  const map = graph.node('Conv', ['input_features', graph.constant(filters)], { strides, kernel_shape: strides });
  const pooled = graph.node('ReduceMean', [graph.gelu(map), graph.integers([2, 3])], { keepdims: { int: 0 } });
  graph.times(pooled, projection, output);
}

/** @param features one window, [channels][frames][mels] */
export function melEmbedding({ filters, projection }: TinyMelTower, features: readonly number[][][]): number[] {
  const [width, , span] = filters.shape;
  const steps = Math.floor(features[0].length / span);
  const map = Array.from({ length: steps }, (_, step) =>
    Array.from({ length: width }, (_, filter) => {
      const seen = features.flatMap((frames) => frames.slice(step * span, (step + 1) * span).flat());
      return seen.reduce((sum, value, at) => sum + value * filters.data[filter * seen.length + at], 0);
    }),
  );
  return times([mean(gelu(map))], projection)[0];
}

/** Two convolutions over samples: kernels of 10 and 3, strides of 5 and 2. */
export interface TinyWaveTower {
  /** [width, 1, 10] */
  readonly first: Matrix;
  /** [width, width, 3] */
  readonly second: Matrix;
}

export function tinyWaveTower(weights: TinyWeights): TinyWaveTower {
  return { first: weights.make([8, 1, 10]), second: weights.make([8, 8, 3]) };
}

/** Adds the tower to a graph with the input `input_values`. */
export function addWaveTower(graph: TinyTransformer, { first, second }: TinyWaveTower, output: string): void {
  graph.input('input_values', 'float32');
  const one = graph.node('Unsqueeze', ['input_values', graph.integers([1])]);
  const low = graph.gelu(graph.node('Conv', [one, graph.constant(first)], { strides: { ints: [5] } }));
  const high = graph.gelu(graph.node('Conv', [low, graph.constant(second)], { strides: { ints: [2] } }));
  graph.node('Transpose', [high], { perm: { ints: [0, 2, 1] } }, output);
}

/** The hidden states of one window, [frames][width]. */
export function waveHidden({ first, second }: TinyWaveTower, values: readonly number[]): number[][] {
  return gelu(
    convolve(
      gelu(
        convolve(
          values.map((value) => [value]),
          first,
          5,
        ),
      ),
      second,
      2,
    ),
  );
}

/** @param rows [time][channels] */
function convolve(rows: readonly (readonly number[])[], { shape, data }: Matrix, stride: number): number[][] {
  const [filters, channels, span] = shape;
  return Array.from({ length: Math.floor((rows.length - span) / stride) + 1 }, (_, step) =>
    Array.from({ length: filters }, (_, filter) => {
      let sum = 0;
      for (let channel = 0; channel < channels; channel++) {
        for (let at = 0; at < span; at++) {
          sum += data[(filter * channels + channel) * span + at] * rows[step * stride + at][channel];
        }
      }
      return sum;
    }),
  );
}
