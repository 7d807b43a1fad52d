import t from 'tap';
import { convertGraphModel } from '@nearfield/encoders/internals/convert/convert';
import { OPERATORS } from '@nearfield/encoders/internals/convert/operators/table';
import { Session, type SessionInput } from '@nearfield/encoders/internals/session/session';
import { openReference, runReference } from '../tensorflow.js';
import {
  flag,
  float,
  int,
  integer,
  ints,
  floats,
  list,
  smallGraph,
  text,
  type,
  type SmallGraph,
} from './small-graph.js';

interface Case {
  readonly op: string;
  readonly title?: string;
  /** Attributes of the node under test. */
  readonly attr?: SmallGraph['nodes'][number]['attr'];
  /** Names of its inputs: graph inputs or constants. */
  readonly input: readonly string[];
  readonly constants?: SmallGraph['constants'];
  readonly feeds: Readonly<Record<string, SessionInput>>;
  /** Nodes after it, when its own output is not a number or not the first. */
  readonly after?: SmallGraph['nodes'];
}

const waves = (shape: number[], scale = 1): SessionInput => {
  const length = shape.reduce((product, side) => product * side, 1);
  return { shape, data: Float32Array.from({ length }, (_, at) => scale * Math.sin(at * 1.7 + 0.3)) };
};
const positive = (shape: number[]): SessionInput => {
  return { shape, data: waves(shape).data.map((value) => Math.abs(value) + 0.1) as Float32Array };
};
const integers = (shape: number[], ...values: number[]): SessionInput => ({ shape, data: Int32Array.from(values) });
const toFloat = (from: string) => ({
  name: 'number',
  op: 'Cast',
  input: [from],
  attr: { SrcT: type('DT_BOOL'), DstT: type('DT_FLOAT') },
});
const same = { strides: list(1, 1, 1, 1), dilations: list(1, 1, 1, 1), data_format: text('NHWC') };

const unary = ['Relu', 'Tanh', 'Sigmoid', 'Softmax', 'Sin', 'Cos', 'Square', 'Identity'].map(
  (op): Case => ({
    op,
    input: ['x'],
    feeds: { x: waves([3, 4], 2) },
  }),
);
const roots = ['Sqrt', 'Rsqrt'].map((op): Case => ({ op, input: ['x'], feeds: { x: positive([3, 4]) } }));
const binary = ['Add', 'AddV2', 'Sub', 'Mul', 'RealDiv', 'Maximum', 'Minimum'].map(
  (op): Case => ({
    op,
    title: `${op} with broadcasting`,
    input: ['x', 'y'],
    feeds: { x: waves([2, 3, 4]), y: positive([4]) },
  }),
);
const comparisons = ['Less', 'Greater'].map(
  (op): Case => ({
    op,
    input: ['x', 'y'],
    feeds: { x: waves([6]), y: positive([6]) },
    after: [toFloat('tested')],
  }),
);
const reductions = ['Max', 'Min', 'Mean', 'Prod', 'Sum'].flatMap((op) =>
  [true, false].map(
    (keep): Case => ({
      op,
      title: `${op} that ${keep ? 'keeps' : 'drops'} the axes`,
      attr: { keep_dims: flag(keep) },
      input: ['x', 'axes'],
      constants: { axes: ints(1, -1) },
      feeds: { x: waves([2, 3, 4]) },
    }),
  ),
);
const matrices: Case[] = [
  { op: 'MatMul', input: ['x', 'y'], feeds: { x: waves([2, 3]), y: waves([3, 4]) } },
  {
    op: 'MatMul',
    title: 'MatMul of transposed matrices',
    attr: { transpose_a: flag(true), transpose_b: flag(true) },
    input: ['x', 'y'],
    feeds: { x: waves([3, 2]), y: waves([4, 3]) },
  },
  {
    op: 'BatchMatMul',
    attr: { adj_x: flag(false), adj_y: flag(true) },
    input: ['x', 'y'],
    feeds: { x: waves([2, 2, 3, 4]), y: waves([2, 2, 5, 4]) },
  },
  {
    op: 'BatchMatMulV2',
    attr: { adj_x: flag(false), adj_y: flag(false) },
    input: ['x', 'y'],
    feeds: { x: waves([2, 3, 4]), y: waves([2, 4, 5]) },
  },
];
const shapes: Case[] = [
  { op: 'Shape', input: ['x'], feeds: { x: waves([2, 3, 4]) } },
  {
    op: 'Range',
    input: ['from', 'to', 'step'],
    constants: { from: int(2), step: int(3) },
    feeds: { to: integers([], 11) },
  },
  { op: 'Reshape', input: ['x', 'shape'], constants: { shape: ints(4, -1) }, feeds: { x: waves([2, 3, 2]) } },
  { op: 'ExpandDims', input: ['x', 'axis'], constants: { axis: int(-1) }, feeds: { x: waves([2, 3]) } },
  { op: 'Squeeze', attr: { squeeze_dims: list(1) }, input: ['x'], feeds: { x: waves([1, 1, 3]) } },
  {
    op: 'Squeeze',
    title: 'Squeeze of every axis of length 1',
    attr: { squeeze_dims: list() },
    input: ['x'],
    feeds: { x: waves([1, 2, 1]) },
  },
  { op: 'Transpose', input: ['x', 'perm'], constants: { perm: ints(2, 0, 1) }, feeds: { x: waves([2, 3, 4]) } },
  {
    op: 'ConcatV2',
    attr: { N: integer(2) },
    input: ['x', 'y', 'axis'],
    constants: { axis: int(1) },
    feeds: { x: waves([2, 3]), y: waves([2, 2], 5) },
  },
  {
    op: 'Pack',
    attr: { axis: integer(1), N: integer(2) },
    input: ['x', 'y'],
    feeds: { x: waves([2, 3]), y: waves([2, 3], 5) },
  },
  {
    op: 'SplitV',
    title: 'the second part of SplitV',
    attr: { num_split: integer(3) },
    input: ['x', 'sizes', 'axis'],
    constants: { sizes: ints(1, 3, 2), axis: int(1) },
    feeds: { x: waves([2, 6]) },
    after: [{ name: 'part', op: 'Identity', input: ['tested:1'] }],
  },
  {
    op: 'Slice',
    input: ['x', 'begin', 'size'],
    constants: { begin: ints(1, 0), size: ints(2, -1) },
    feeds: { x: waves([4, 3]) },
  },
  {
    op: 'StridedSlice',
    title: 'StridedSlice with open ends',
    input: ['x', 'begin', 'end', 'strides'],
    attr: { begin_mask: integer(1), end_mask: integer(2) },
    constants: { begin: ints(3, 1), end: ints(3, 0), strides: ints(2, 1) },
    feeds: { x: waves([5, 4]) },
  },
  {
    op: 'StridedSlice',
    title: 'StridedSlice that takes one index',
    input: ['x', 'begin', 'end', 'strides'],
    attr: { begin_mask: integer(1), end_mask: integer(1), shrink_axis_mask: integer(2) },
    constants: { begin: ints(0, 2), end: ints(0, 3), strides: ints(1, 1) },
    feeds: { x: waves([3, 4]) },
  },
  {
    op: 'StridedSlice',
    title: 'StridedSlice that takes the last index',
    input: ['x', 'begin', 'end', 'strides'],
    attr: { shrink_axis_mask: integer(1) },
    constants: { begin: ints(-1), end: ints(0), strides: ints(1) },
    feeds: { x: waves([3, 4]) },
  },
];
const scatterShape = { shape: ints(4, 2) };
const indexing: Case[] = [
  {
    op: 'GatherV2',
    attr: { batch_dims: integer(0) },
    input: ['x', 'indices', 'axis'],
    constants: { axis: int(1) },
    feeds: { x: waves([2, 5]), indices: integers([3], 4, 0, 4) },
  },
  { op: 'GatherNd', input: ['x', 'indices'], feeds: { x: waves([2, 3, 4]), indices: integers([2, 2], 1, 2, 0, 1) } },
  {
    op: 'ScatterNd',
    title: 'ScatterNd sums rows of one index',
    attr: { T: type('DT_FLOAT') },
    input: ['indices', 'x', 'shape'],
    constants: scatterShape,
    feeds: { indices: integers([3, 1], 2, 0, 2), x: waves([3, 2]) },
  },
  {
    op: 'ScatterNd',
    title: 'ScatterNd of integers',
    attr: { T: type('DT_INT32') },
    input: ['indices', 'x', 'shape'],
    constants: { shape: ints(5) },
    feeds: { indices: integers([2, 1], 3, 1), x: integers([2], 7, 9) },
  },
  {
    op: 'SparseToDense',
    input: ['indices', 'shape', 'x', 'fill'],
    constants: { shape: ints(2, 3), fill: int(-1) },
    feeds: { indices: integers([2, 2], 0, 1, 1, 2), x: integers([2], 5, 6) },
  },
];
const convolutions: Case[] = [
  {
    op: 'BiasAdd',
    attr: { data_format: text('NHWC') },
    input: ['x', 'bias'],
    constants: { bias: floats([3], [1, -2, 0.5]) },
    feeds: { x: waves([1, 2, 2, 3]) },
  },
  {
    op: 'Conv2D',
    title: 'Conv2D of 1 x 1',
    attr: { ...same, padding: text('VALID') },
    input: ['x', 'filter'],
    constants: { filter: floats([1, 1, 3, 2], [1, -1, 0.5, 2, -0.25, 3]) },
    feeds: { x: waves([2, 3, 1, 3]) },
  },
  ...['SAME', 'VALID'].map(
    (padding): Case => ({
      op: 'Conv2D',
      title: `Conv2D of 3 x 2, stride 2, ${padding}`,
      input: ['x', 'filter'],
      attr: { ...same, strides: list(1, 2, 2, 1), padding: text(padding) },
      constants: {
        filter: floats(
          [3, 2, 2, 3],
          Array.from({ length: 36 }, (_, at) => Math.cos(at)),
        ),
      },
      feeds: { x: waves([2, 6, 5, 2]) },
    }),
  ),
  {
    op: 'Conv2D',
    title: 'Conv2D with dilations',
    attr: { ...same, dilations: list(1, 2, 2, 1), padding: text('SAME') },
    input: ['x', 'filter'],
    constants: { filter: floats([2, 2, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8]) },
    feeds: { x: waves([1, 5, 5, 1]) },
  },
];
const fusedOps = (...names: string[]) => ({ list: { s: names.map((name) => Buffer.from(name).toString('base64')) } });
const cosines = (shape: number[]) => {
  const length = shape.reduce((product, side) => product * side, 1);
  return floats(
    shape,
    Array.from({ length }, (_, at) => Math.cos(at)),
  );
};
const imageModels: Case[] = [
  { op: 'Relu6', input: ['x'], feeds: { x: waves([3, 4], 9) } },
  ...['SAME', 'VALID'].map(
    (padding): Case => ({
      op: 'DepthwiseConv2dNative',
      title: `DepthwiseConv2dNative of two outputs a channel, stride 2, ${padding}`,
      attr: { ...same, strides: list(1, 2, 2, 1), padding: text(padding) },
      input: ['x', 'filter'],
      constants: { filter: cosines([3, 3, 3, 2]) },
      feeds: { x: waves([2, 6, 5, 3]) },
    }),
  ),
  ...[['BiasAdd'], ['BiasAdd', 'Relu'], ['BiasAdd', 'Relu6']].map(
    (names): Case => ({
      op: '_FusedConv2D',
      title: `_FusedConv2D with ${names.join(' and ')}`,
      attr: { ...same, padding: text('SAME'), num_args: integer(1), fused_ops: fusedOps(...names) },
      input: ['x', 'filter', 'bias'],
      constants: { filter: cosines([1, 1, 3, 2]), bias: floats([2], [1, -2]) },
      feeds: { x: waves([1, 3, 3, 3], 6) },
    }),
  ),
  {
    op: 'FusedDepthwiseConv2dNative',
    attr: { ...same, padding: text('SAME'), num_args: integer(1), fused_ops: fusedOps('BiasAdd', 'Relu6') },
    input: ['x', 'filter', 'bias'],
    constants: { filter: cosines([3, 3, 2, 1]), bias: floats([2], [1, -2]) },
    feeds: { x: waves([1, 4, 4, 2], 6) },
  },
  ...['SAME', 'VALID'].map(
    (padding): Case => ({
      op: 'AvgPool',
      title: `AvgPool, ${padding}`,
      attr: { ksize: list(1, 2, 3, 1), strides: list(1, 1, 2, 1), padding: text(padding), data_format: text('NHWC') },
      input: ['x'],
      feeds: { x: waves([2, 5, 5, 2]) },
    }),
  ),
];
const logic: Case[] = [
  { op: 'Cast', attr: { SrcT: type('DT_FLOAT'), DstT: type('DT_INT32') }, input: ['x'], feeds: { x: waves([8], 3) } },
  { op: 'LogicalNot', input: ['less'], feeds: { x: waves([6]) }, after: [toFloat('tested')] },
  { op: 'Where', input: ['less'], feeds: { x: waves([3, 4]) } },
];
/** A boolean for the cases that need one, under the name `less`. */
const less = { name: 'less', op: 'Less', input: ['x', 'zero'] };

const cases = [
  ...unary,
  ...roots,
  ...binary,
  ...comparisons,
  ...reductions,
  ...matrices,
  ...shapes,
  ...indexing,
  ...convolutions,
  ...imageModels,
  ...logic,
];

for (const { op, title = op, attr, input, constants = {}, feeds, after = [] } of cases) {
  t.test(`${title} computes what TensorFlow.js computes`, async (t) => {
    const boolean = input.includes('less');
    const { model, weights } = smallGraph({
      inputs: Object.fromEntries(
        Object.entries(feeds).map(
          ([name, { data }]) => [name, data instanceof Float32Array ? 'float32' : 'int32'] as const,
        ),
      ),
      constants: boolean ? { ...constants, zero: float(0) } : constants,
      nodes: [...(boolean ? [less] : []), { name: 'tested', op, input, attr: attr ?? {} }, ...after],
    });
    const expected = await runReference(await openReference(model, weights), feeds);
    const session = await Session.open(convertGraphModel(model, weights), { threads: 1 });
    const [actual] = await session.run(feeds);
    await session.close();
    t.same(actual?.shape, expected.shape, 'the shape is the same');
    const values = Array.from(actual?.data ?? [], Number);
    const worst = Math.max(...values.map((value, at) => Math.abs(value - (expected.values[at] ?? Number.NaN))));
    t.ok(worst <= 1e-5, `the largest difference is ${worst}`);
  });
}

t.test('every operator of the table is compared', async (t) => {
  t.same(Object.keys(OPERATORS).sort(), [...new Set(cases.map(({ op }) => op))].sort());
});
