import type { Matrix } from '../tiny-graph.js';
import { block, mean, norm, plus, rowsOf, times } from './scalar.js';
import type { TinyTransformer } from './tiny-transformer.js';
import type { TinyBlock, TinyWeights } from './tiny-weights.js';

/** A vision transformer. Without `projection`, its hidden states are the output. */
export interface TinyVisionTower {
  /** [width, 3, patch, patch] */
  readonly patches: Matrix;
  /** [1, 1, width]; SigLIP has none. */
  readonly classToken: Matrix | undefined;
  readonly positions: Matrix;
  readonly block: TinyBlock;
  readonly finalScale: Matrix;
  readonly finalShift: Matrix;
  readonly projection: Matrix | undefined;
}

export interface VisionTowerSizes {
  readonly image: number;
  readonly patch: number;
  readonly width: number;
  readonly dimensions?: number;
  readonly classToken: boolean;
}

export function tinyVisionTower(weights: TinyWeights, sizes: VisionTowerSizes): TinyVisionTower {
  const { image, patch, width, dimensions, classToken } = sizes;
  return {
    patches: weights.make([width, 3, patch, patch], 0.1),
    classToken: classToken ? weights.make([1, 1, width], 1) : undefined,
    positions: weights.make([(image / patch) ** 2 + (classToken ? 1 : 0), width]),
    block: weights.block(width),
    finalScale: weights.make([width], 1),
    finalShift: weights.make([width]),
    projection: dimensions === undefined ? undefined : weights.make([width, dimensions]),
  };
}

/** Adds the tower to a graph with the input `pixel_values`. @param output of the projection, or of the hidden states */
export function addVisionTower(graph: TinyTransformer, tower: TinyVisionTower, output: string): void {
  const { classToken, patches, positions, projection } = tower;
  graph.input('pixel_values', 'float32');
  const [width, , patch] = patches.shape;
  const strides = { ints: [patch, patch] };
  const map = graph.node('Conv', ['pixel_values', graph.constant(patches)], { strides, kernel_shape: strides });
  const flat = graph.node('Reshape', [map, graph.integers([0, width, -1])]);
  let tokens = graph.node('Transpose', [flat], { perm: { ints: [0, 2, 1] } });
  if (classToken !== undefined) {
    const batch = graph.node('Unsqueeze', [graph.length('pixel_values', 0), graph.integers([0])]);
    const shape = graph.node('Concat', [batch, graph.integers([1, width])], { axis: { int: 0 } });
    const first = graph.node('Expand', [graph.constant(classToken), shape]);
    tokens = graph.node('Concat', [first, tokens], { axis: { int: 1 } });
  }
  const hidden = graph.block(graph.node('Add', [tokens, graph.constant(positions)]), tower.block);
  const normed = graph.norm(hidden, tower.finalScale, tower.finalShift);
  if (projection === undefined) {
    graph.node('Identity', [normed], {}, output);
    return;
  }
  const pooled =
    classToken === undefined
      ? graph.node('ReduceMean', [normed, graph.integers([1])], { keepdims: { int: 0 } })
      : graph.pick(normed, 1, 0);
  graph.times(pooled, projection, output);
}

/** The last hidden states of one image, as plain numbers. @param pixels [3, side, side] */
export function visionHidden(tower: TinyVisionTower, pixels: Float32Array): number[][] {
  const { classToken, patches, positions } = tower;
  const [width, , patch] = patches.shape;
  const side = Math.sqrt(pixels.length / 3);
  const tokens: number[][] = classToken === undefined ? [] : [[...classToken.data]];
  for (let top = 0; top < side; top += patch) {
    for (let left = 0; left < side; left += patch) {
      tokens.push(Array.from({ length: width }, (_, filter) => patchSum(patches, filter, pixels, side, top, left)));
    }
  }
  return norm(block(plus(tokens, rowsOf(positions)), tower.block), tower.finalScale, tower.finalShift);
}

function patchSum(
  weights: Matrix,
  filter: number,
  pixels: Float32Array,
  side: number,
  top: number,
  left: number,
): number {
  const patch = weights.shape[2];
  let sum = 0;
  for (let channel = 0; channel < 3; channel++) {
    for (let y = 0; y < patch; y++) {
      for (let x = 0; x < patch; x++) {
        const weight = weights.data[((filter * 3 + channel) * patch + y) * patch + x];
        sum += weight * pixels[(channel * side + top + y) * side + left + x];
      }
    }
  }
  return sum;
}

/** The projected embedding of one image, as plain numbers. */
export function visionEmbedding(tower: TinyVisionTower, pixels: Float32Array): number[] {
  const hidden = visionHidden(tower, pixels);
  return times([tower.classToken === undefined ? mean(hidden) : hidden[0]], tower.projection as Matrix)[0];
}
