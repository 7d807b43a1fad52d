import { integerAttribute, integersAttribute } from '../attribute.js';
import type { GraphBuilder } from '../graph-builder.js';
import type { GraphNode } from '../model-json.js';
import { same, unsupported, type Operator, type OperatorTable } from './operator.js';

/** Past any axis, for the open end of a slice. */
const OPEN_END = 2 ** 31 - 1;

const reshape: Operator = (node, inputs, graph) => {
  // TensorFlow takes a length of 0 as zero; ONNX would copy the input's length without `allowzero`.
  graph.add('Reshape', inputs, { output: node.name, attributes: { allowzero: { int: 1 } } });
};

const expandDims: Operator = (node, [x = '', axis = ''], graph) => {
  graph.add('Unsqueeze', [x, graph.integers(graph.knownIntegers(node, axis))], { output: node.name });
};

const squeeze: Operator = (node, [x = ''], graph) => {
  const axes = integersAttribute(node, 'squeeze_dims');
  graph.add('Squeeze', axes.length > 0 ? [x, graph.integers(axes)] : [x], { output: node.name });
};

const transpose: Operator = (node, [x = '', permutation = ''], graph) => {
  graph.add('Transpose', [x], {
    output: node.name,
    attributes: { perm: { ints: graph.knownIntegers(node, permutation) } },
  });
};

const concat: Operator = (node, inputs, graph) => {
  const [axis = 0] = graph.knownIntegers(node, inputs.at(-1) ?? '');
  graph.add('Concat', inputs.slice(0, -1), { output: node.name, attributes: { axis: { int: axis } } });
};

const pack: Operator = (node, inputs, graph) => {
  const axis = integerAttribute(node, 'axis');
  const axes = graph.integers([axis]);
  const expanded = inputs.map((input) => graph.add('Unsqueeze', [input, axes]));
  graph.add('Concat', expanded, { output: node.name, attributes: { axis: { int: axis } } });
};

const splitBySizes: Operator = (node, [x = '', sizes = '', axisInput = ''], graph) => {
  const [axis = 0] = graph.knownIntegers(node, axisInput);
  const lengths = graph.knownIntegers(node, sizes);
  const outputs = lengths.map((_, at) => (at === 0 ? node.name : `${node.name}:${at}`));
  graph.addMany('Split', [x, graph.integers(lengths)], outputs, { attributes: { axis: { int: axis } } });
};

const slice: Operator = (node, [x = '', begin = '', size = ''], graph) => {
  const starts = graph.knownIntegers(node, begin);
  const ends = graph.knownIntegers(node, size).map((length, axis) => {
    return length === -1 ? OPEN_END : (starts[axis] ?? 0) + length;
  });
  addSlice(graph, node.name, { x, starts, ends, steps: starts.map(() => 1) });
};

/**
 * x[begin:end:strides] with TensorFlow's masks: a set bit opens an end of that axis, or takes one index and drops it.
 */
const stridedSlice: Operator = (node, [x = '', begin = '', end = '', strides = ''], graph) => {
  if (integerAttribute(node, 'ellipsis_mask') || integerAttribute(node, 'new_axis_mask')) {
    unsupported(node, 'ellipsis_mask or new_axis_mask');
  }
  const steps = graph.knownIntegers(node, strides);
  if (steps.some((step) => step < 1)) unsupported(node, 'a negative stride');
  const has = maskOf(node);
  const shrunk = steps.map((_, axis) => axis).filter((axis) => has('shrink_axis_mask', axis));
  const starts = graph.knownIntegers(node, begin).map((start, axis) => {
    return has('begin_mask', axis) && !shrunk.includes(axis) ? 0 : start;
  });
  const ends = graph.knownIntegers(node, end).map((stop, axis) => {
    if (shrunk.includes(axis)) return starts[axis] === -1 ? OPEN_END : (starts[axis] ?? 0) + 1;
    return has('end_mask', axis) ? OPEN_END : stop;
  });
  const sliced = shrunk.length > 0 ? graph.fresh(node.name) : node.name;
  addSlice(graph, sliced, { x, starts, ends, steps });
  if (shrunk.length > 0) graph.add('Squeeze', [sliced, graph.integers(shrunk)], { output: node.name });
};

function maskOf(node: GraphNode): (mask: string, axis: number) => boolean {
  return (mask, axis) => ((integerAttribute(node, mask) >> axis) & 1) === 1;
}

function addSlice(
  graph: GraphBuilder,
  output: string,
  { x, starts, ends, steps }: { x: string; starts: number[]; ends: number[]; steps: number[] },
): void {
  const axes = starts.map((_, axis) => axis);
  graph.add('Slice', [x, ...[starts, ends, axes, steps].map((list) => graph.integers(list))], { output });
}

export const SHAPE: OperatorTable = {
  Shape: same('Shape'),
  Range: same('Range'),
  Reshape: reshape,
  ExpandDims: expandDims,
  Squeeze: squeeze,
  Transpose: transpose,
  ConcatV2: concat,
  Pack: pack,
  SplitV: splitBySizes,
  Slice: slice,
  StridedSlice: stridedSlice,
};
