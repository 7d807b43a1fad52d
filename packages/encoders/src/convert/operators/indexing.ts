import { integerAttribute, typeAttribute } from '../attribute.js';
import { same, unsupported, type Operator, type OperatorTable } from './operator.js';

const gather: Operator = (node, [x = '', indices = '', axisInput], graph) => {
  if (integerAttribute(node, 'batch_dims') !== 0) unsupported(node, 'batch_dims');
  const [axis = 0] = axisInput === undefined ? [] : graph.knownIntegers(node, axisInput);
  graph.add('Gather', [x, indices], { output: node.name, attributes: { axis: { int: axis } } });
};

/** Coordinates [n, rank] of the non-zero elements; ONNX gives [rank, n]. */
const where: Operator = (node, inputs, graph) => {
  if (inputs.length !== 1) unsupported(node, 'more than a condition');
  graph.add('Transpose', [graph.add('NonZero', inputs)], {
    output: node.name,
    attributes: { perm: { ints: [1, 0] } },
  });
  graph.uniqueRows.add(node.name);
};

/** Rows that share an index are summed, as TensorFlow defines; unique rows are only copied, which is faster. */
const scatterNd: Operator = (node, [indices = '', updates = '', shape = ''], graph) => {
  const float = typeAttribute(node, 'T') === 'float32';
  const zero = float
    ? ({ shape: [1], dtype: 'float32', data: new Float32Array(1) } as const)
    : ({ shape: [1], dtype: 'int64', data: new Int32Array(1) } as const);
  const zeros = graph.add('ConstantOfShape', [shape], { attributes: { value: { tensor: zero } } });
  const reduction = { text: graph.uniqueRows.has(indices) ? 'none' : 'add' };
  graph.add('ScatterND', [zeros, indices, updates], { output: node.name, attributes: { reduction } });
};

/** TensorFlow also takes indices of rank 0 or 1 here; exported models hold [n, rank]. */
const sparseToDense: Operator = (node, [indices = '', shape = '', values = '', fill = ''], graph) => {
  const filled = graph.add('Expand', [fill, shape]);
  graph.add('ScatterND', [filled, indices, values], { output: node.name });
};

export const INDEXING: OperatorTable = {
  GatherV2: gather,
  GatherNd: same('GatherND'),
  Where: where,
  ScatterNd: scatterNd,
  SparseToDense: sparseToDense,
};
