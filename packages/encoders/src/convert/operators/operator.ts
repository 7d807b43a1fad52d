import { NearfieldError } from '@nearfield/engine/encoder';
import type { GraphBuilder } from '../graph-builder.js';
import type { GraphNode } from '../model-json.js';

/** Converts one TensorFlow node: reads `inputs` (tensor names) and defines the tensor `node.name`. */
export type Operator = (node: GraphNode, inputs: readonly string[], graph: GraphBuilder) => void;

export type OperatorTable = Readonly<Record<string, Operator>>;

/** Throws MODEL_INVALID for a variant of an operator that the converter does not know. */
export function unsupported(node: GraphNode, what: string): never {
  throw new NearfieldError('MODEL_INVALID', `Node ${node.name} (${node.op}) uses ${what}, which is not supported`, {
    remedy: 'Use a model without it, or add it to the converter.',
    field: node.name,
  });
}

/** An operator that has the same meaning, inputs and order in ONNX. */
export function same(op: string): Operator {
  return (node, inputs, graph) => {
    graph.add(op, inputs, { output: node.name });
  };
}
