import { same, type Operator, type OperatorTable } from './operator.js';

const softmax: Operator = (node, [x = ''], graph) => {
  graph.add('Softmax', [x], { output: node.name, attributes: { axis: { int: -1 } } });
};

export const ACTIVATION: OperatorTable = {
  Relu: same('Relu'),
  Tanh: same('Tanh'),
  Sigmoid: same('Sigmoid'),
  Softmax: softmax,
};
