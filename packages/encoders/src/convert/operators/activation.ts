import type { GraphBuilder } from '../graph-builder.js';
import { same, type Operator, type OperatorTable } from './operator.js';

const softmax: Operator = (node, [x = ''], graph) => {
  graph.add('Softmax', [x], { output: node.name, attributes: { axis: { int: -1 } } });
};

/** min(max(x, 0), 6) as a new tensor, or under the name `output`. */
export function clipToSix(graph: GraphBuilder, x: string, output?: string): string {
  const bounds = [0, 6].map((bound) => {
    return graph.constant({ shape: [], dtype: 'float32', data: Float32Array.of(bound) }, `float32:${bound}`);
  });
  return graph.add('Clip', [x, ...bounds], output === undefined ? {} : { output });
}

const relu6: Operator = (node, [x = ''], graph) => {
  clipToSix(graph, x, node.name);
};

export const ACTIVATION: OperatorTable = {
  Relu: same('Relu'),
  Relu6: relu6,
  Tanh: same('Tanh'),
  Sigmoid: same('Sigmoid'),
  Softmax: softmax,
};
