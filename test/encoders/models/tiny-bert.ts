import { TinyGraph, randomMatrices, type Matrix } from './tiny-graph.js';

const HEADS = 2;
const EPSILON = 1e-12;

/** Weights of a BERT of one layer; linear ones are [in, out]. */
interface BertWeights {
  readonly words: Matrix;
  readonly positions: Matrix;
  readonly types: Matrix;
  readonly linear: Readonly<
    Record<'query' | 'key' | 'value' | 'output' | 'up' | 'down', { weight: Matrix; bias: Matrix }>
  >;
  readonly norms: readonly { scale: Matrix; bias: Matrix }[];
}

export interface TinyBertSize {
  readonly vocabulary: number;
  readonly hidden: number;
  readonly positions: number;
  readonly seed: number;
}

/** A BERT of one layer with random weights: as ONNX, and as a scalar computation that has nothing in common with it. */
export interface TinyBert {
  readonly onnx: Uint8Array;
  /** Embeddings of the tokens of one sequence. */
  tokenEmbeddings(ids: readonly number[]): number[][];
}

export function tinyBert({ vocabulary, hidden, positions, seed }: TinyBertSize): TinyBert {
  const random = randomMatrices(seed);
  const linear = (from: number, to: number): { weight: Matrix; bias: Matrix } => ({
    weight: random([from, to]),
    bias: random([to], 0.1),
  });
  const norm = (): { scale: Matrix; bias: Matrix } => {
    const scale = random([hidden], 0.2);
    return { scale: { ...scale, data: scale.data.map((value) => 1 + value) }, bias: random([hidden], 0.2) };
  };
  const weights: BertWeights = {
    words: random([vocabulary, hidden], 1),
    positions: random([positions, hidden]),
    types: random([2, hidden]),
    linear: {
      query: linear(hidden, hidden),
      key: linear(hidden, hidden),
      value: linear(hidden, hidden),
      output: linear(hidden, hidden),
      up: linear(hidden, hidden * 2),
      down: linear(hidden * 2, hidden),
    },
    norms: [norm(), norm(), norm()],
  };
  return { onnx: bertGraph(weights, hidden), tokenEmbeddings: (ids) => bertByHand(weights, hidden, ids) };
}

function bertGraph(weights: BertWeights, hidden: number): Uint8Array {
  const graph = new TinyGraph();
  const ids = graph.input('input_ids', 'int64');
  const mask = graph.input('attention_mask', 'int64');
  const types = graph.input('token_type_ids', 'int64');
  const linear = (x: string, name: keyof BertWeights['linear']): string =>
    graph.linear(x, weights.linear[name].weight, weights.linear[name].bias);
  const norm = (x: string, at: number, output?: string): string => {
    const { scale, bias } = weights.norms[at] as BertWeights['norms'][number];
    const inputs = [x, graph.constant(scale), graph.constant(bias)];
    return graph.node('LayerNormalization', inputs, { axis: { int: -1 }, epsilon: { float: EPSILON } }, output);
  };
  const length = graph.node('Gather', [graph.node('Shape', [ids]), graph.integers(1)]);
  const places = graph.node('Range', [graph.integers(0), length, graph.integers(1)]);
  const words = graph.node('Gather', [graph.constant(weights.words), ids]);
  const positions = graph.node('Gather', [graph.constant(weights.positions), places]);
  const kinds = graph.node('Gather', [graph.constant(weights.types), types]);
  const embedded = norm(graph.node('Add', [graph.node('Add', [words, positions]), kinds]), 0);
  const heads = (x: string, perm: number[]): string => {
    const split = graph.node('Reshape', [x, graph.integers([0, 0, HEADS, hidden / HEADS])]);
    return graph.node('Transpose', [split], { perm: { ints: perm } });
  };
  const scores = graph.node('Div', [
    graph.node('MatMul', [
      heads(linear(embedded, 'query'), [0, 2, 1, 3]),
      heads(linear(embedded, 'key'), [0, 2, 3, 1]),
    ]),
    graph.scalar(Math.sqrt(hidden / HEADS)),
  ]);
  const real = graph.node('Cast', [graph.node('Unsqueeze', [mask, graph.integers([1, 2])])], { to: { int: 1 } });
  const hiding = graph.node('Mul', [graph.node('Sub', [graph.scalar(1), real]), graph.scalar(-1e9)]);
  const attention = graph.node('Softmax', [graph.node('Add', [scores, hiding])], { axis: { int: -1 } });
  const mixed = graph.node('MatMul', [attention, heads(linear(embedded, 'value'), [0, 2, 1, 3])]);
  const joined = graph.node('Reshape', [
    graph.node('Transpose', [mixed], { perm: { ints: [0, 2, 1, 3] } }),
    graph.integers([0, 0, hidden]),
  ]);
  const attended = norm(graph.node('Add', [embedded, linear(joined, 'output')]), 1);
  const up = linear(attended, 'up');
  const erf = graph.node('Erf', [graph.node('Div', [up, graph.scalar(Math.SQRT2)])]);
  const half = graph.node('Mul', [up, graph.scalar(0.5)]);
  const gelu = graph.node('Mul', [half, graph.node('Add', [erf, graph.scalar(1)])]);
  const last = norm(graph.node('Add', [attended, linear(gelu, 'down')]), 2, 'last_hidden_state');
  return graph.write([last]);
}

function bertByHand(weights: BertWeights, hidden: number, ids: readonly number[]): number[][] {
  const row = ({ shape, data }: Matrix, at: number): number[] => {
    const width = shape[1] ?? 0;
    return Array.from(data.subarray(at * width, (at + 1) * width));
  };
  const linear = (x: readonly number[], name: keyof BertWeights['linear']): number[] => {
    const { weight, bias } = weights.linear[name];
    return Array.from(bias.data, (start, column) =>
      x.reduce((sum, value, at) => sum + value * (weight.data[at * bias.data.length + column] ?? 0), start),
    );
  };
  const norm = (x: readonly number[], at: number): number[] => {
    const { scale, bias } = weights.norms[at] as BertWeights['norms'][number];
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
    return x.map(
      (value, i) => ((value - mean) / Math.sqrt(variance + EPSILON)) * (scale.data[i] ?? 0) + (bias.data[i] ?? 0),
    );
  };
  const add = (...terms: readonly number[][]): number[] =>
    Array.from({ length: hidden }, (_, i) => terms.reduce((sum, term) => sum + (term[i] ?? 0), 0));
  const embedded = ids.map((id, at) =>
    norm(add(row(weights.words, id), row(weights.positions, at), row(weights.types, 0)), 0),
  );
  const [queries, keys, values] = (['query', 'key', 'value'] as const).map((name) =>
    embedded.map((x) => linear(x, name)),
  );
  const width = hidden / HEADS;
  return embedded.map((x, token) => {
    const mixed: number[] = [];
    for (let head = 0; head < HEADS; head++) {
      const part = (vectors: number[][] | undefined, at: number): number[] =>
        (vectors?.[at] ?? []).slice(head * width, (head + 1) * width);
      const query = part(queries, token);
      const scores = ids.map((_, at) => {
        const key = part(keys, at);
        return Math.exp(query.reduce((sum, value, i) => sum + value * (key[i] ?? 0), 0) / Math.sqrt(width));
      });
      const total = scores.reduce((sum, score) => sum + score, 0);
      for (let i = 0; i < width; i++) {
        mixed.push(scores.reduce((sum, score, at) => sum + (score / total) * (part(values, at)[i] ?? 0), 0));
      }
    }
    const attended = norm(add(x, linear(mixed, 'output')), 1);
    const gelu = linear(attended, 'up').map((value) => 0.5 * value * (1 + erf(value / Math.SQRT2)));
    return norm(add(attended, linear(gelu, 'down')), 2);
  });
}

/** The error function by its Maclaurin series, which is exact enough for the small numbers here. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
