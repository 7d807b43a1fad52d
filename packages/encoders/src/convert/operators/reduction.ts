import { booleanAttribute } from '../attribute.js';
import type { Operator, OperatorTable } from './operator.js';

function reduction(op: string): Operator {
  return (node, [x = '', axes = ''], graph) => {
    const list = graph.integers(graph.knownIntegers(node, axes));
    graph.add(op, [x, list], {
      output: node.name,
      attributes: { keepdims: { int: Number(booleanAttribute(node, 'keep_dims')) } },
    });
  };
}

export const REDUCTION: OperatorTable = {
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  Mean: reduction('ReduceMean'),
  Prod: reduction('ReduceProd'),
  Sum: reduction('ReduceSum'),
};
