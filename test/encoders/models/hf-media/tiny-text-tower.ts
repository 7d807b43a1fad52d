import type { Matrix } from '../tiny-graph.js';
import { block, norm, plus, rowsOf, times } from './scalar.js';
import type { TinyTransformer } from './tiny-transformer.js';
import type { TinyBlock, TinyWeights } from './tiny-weights.js';

/** How the three families see a text: up to the end token, as a whole with its padding, or behind a mask. */
export type TextStyle = 'clip' | 'siglip' | 'clap';

export interface TinyTextTower {
  readonly style: TextStyle;
  readonly tokens: Matrix;
  readonly positions: Matrix;
  readonly block: TinyBlock;
  readonly finalScale: Matrix;
  readonly finalShift: Matrix;
  readonly projection: Matrix;
}

export interface TextTowerSizes {
  readonly vocabulary: number;
  readonly window: number;
  readonly width: number;
  readonly dimensions: number;
}

export function tinyTextTower(weights: TinyWeights, style: TextStyle, sizes: TextTowerSizes): TinyTextTower {
  const { vocabulary, window, width, dimensions } = sizes;
  return {
    style,
    tokens: weights.make([vocabulary, width], 1),
    positions: weights.make([window, width]),
    block: weights.block(width),
    finalScale: weights.make([width], 1),
    finalShift: weights.make([width]),
    projection: weights.make([width, dimensions]),
  };
}

/** Adds the tower to a graph with the input `input_ids`, and for CLAP `attention_mask`. */
export function addTextTower(graph: TinyTransformer, tower: TinyTextTower, output: string): void {
  const { style, tokens, positions } = tower;
  graph.input('input_ids', 'int64');
  if (style === 'clap') graph.input('attention_mask', 'int64');
  const range = graph.positions('input_ids', 1);
  const embedded = graph.node('Gather', [graph.constant(tokens), 'input_ids']);
  const placed = graph.node('Add', [embedded, graph.node('Gather', [graph.constant(positions), range])]);
  const hidden = graph.block(placed, tower.block, bias(graph, style, range, positions.shape[0]));
  const normed = graph.norm(hidden, tower.finalScale, tower.finalShift);
  graph.times(pooled(graph, style, normed, range), tower.projection, output);
}

function bias(graph: TinyTransformer, style: TextStyle, range: string, window: number): string | undefined {
  switch (style) {
    case 'clip': {
      const data = Float32Array.from({ length: window * window }, (_, at) =>
        at % window > Math.floor(at / window) ? -1e9 : 0,
      );
      const rows = graph.node('Gather', [graph.constant({ shape: [window, window], data }), range]);
      return graph.node('Gather', [rows, range], { axis: { int: 1 } });
    }
    case 'siglip':
      return undefined;
    case 'clap': {
      const mask = graph.node('Cast', ['attention_mask'], { to: { int: 1 } });
      const hiding = graph.node('Mul', [graph.node('Sub', [graph.scalar(1), mask]), graph.scalar(-1e9)]);
      return graph.node('Unsqueeze', [hiding, graph.integers([1])]);
    }
    default: {
      const other: never = style;
      throw new TypeError(other);
    }
  }
}

function pooled(graph: TinyTransformer, style: TextStyle, hidden: string, range: string): string {
  if (style !== 'clip') return graph.pick(hidden, 1, style === 'clap' ? 0 : -1);
  const end = graph.node('ArgMax', ['input_ids'], { axis: { int: 1 }, keepdims: { int: 1 } });
  const isEnd = graph.node('Cast', [graph.node('Equal', [range, end])], { to: { int: 1 } });
  const picked = graph.node('MatMul', [graph.node('Unsqueeze', [isEnd, graph.integers([1])]), hidden]);
  return graph.node('Squeeze', [picked, graph.integers([1])]);
}

/** What the tower gives for one text, as plain numbers. @param length tokens that are not padding */
export function textEmbedding(tower: TinyTextTower, ids: readonly number[], length: number): number[] {
  const { style, tokens, positions } = tower;
  const [words, places] = [rowsOf(tokens), rowsOf(positions)];
  const input = plus(
    ids.map((id) => words[id]),
    ids.map((_, at) => places[at]),
  );
  const sees = {
    clip: (from: number, to: number) => to <= from,
    siglip: () => true,
    clap: (_: number, to: number) => to < length,
  };
  const hidden = norm(block(input, tower.block, sees[style]), tower.finalScale, tower.finalShift);
  const place = { clip: ids.indexOf(Math.max(...ids)), siglip: ids.length - 1, clap: 0 }[style];
  return times([hidden[place]], tower.projection)[0];
}
