import { booleanAttribute, typeAttribute } from '../attribute.js';
import { ONNX_TYPE } from '../onnx-model.js';
import { same, type Operator, type OperatorTable } from './operator.js';

const square: Operator = (node, [x = ''], graph) => {
  graph.add('Mul', [x, x], { output: node.name });
};

const reciprocalSquareRoot: Operator = (node, [x = ''], graph) => {
  graph.add('Reciprocal', [graph.add('Sqrt', [x])], { output: node.name });
};

/** TensorFlow's int32 is int64 in the converted graph: the type in which ONNX operators take shapes and indices. */
const cast: Operator = (node, [x = ''], graph) => {
  const to = typeAttribute(node, 'DstT');
  graph.add('Cast', [x], {
    output: node.name,
    attributes: { to: { int: ONNX_TYPE[to === 'int32' ? 'int64' : to] } },
  });
  if (graph.uniqueRows.has(x)) graph.uniqueRows.add(node.name);
};

/** Matrix product of the last two axes. FusedMatMul is ONNX Runtime's MatMul with transposed operands. */
function matrixProduct(transposeLeft: string, transposeRight: string): Operator {
  return (node, inputs, graph) => {
    const transA = { int: Number(booleanAttribute(node, transposeLeft)) };
    const transB = { int: Number(booleanAttribute(node, transposeRight)) };
    if (transA.int || transB.int) {
      const attributes = { transA, transB };
      graph.add('FusedMatMul', inputs, { output: node.name, domain: 'com.microsoft', attributes });
    } else {
      graph.add('MatMul', inputs, { output: node.name });
    }
  };
}

export const ARITHMETIC: OperatorTable = {
  Identity: same('Identity'),
  Add: same('Add'),
  AddV2: same('Add'),
  Sub: same('Sub'),
  Mul: same('Mul'),
  RealDiv: same('Div'),
  Maximum: same('Max'),
  Minimum: same('Min'),
  Sin: same('Sin'),
  Cos: same('Cos'),
  Sqrt: same('Sqrt'),
  Less: same('Less'),
  Greater: same('Greater'),
  LogicalNot: same('Not'),
  Square: square,
  Rsqrt: reciprocalSquareRoot,
  Cast: cast,
  MatMul: matrixProduct('transpose_a', 'transpose_b'),
  BatchMatMul: matrixProduct('adj_x', 'adj_y'),
  BatchMatMulV2: matrixProduct('adj_x', 'adj_y'),
};
