import { NearfieldError, suggestion } from '@nearfield/engine/encoder';
import { typeAttribute } from './attribute.js';
import { GraphBuilder } from './graph-builder.js';
import type { GraphNode, ModelJson } from './model-json.js';
import { ONNX_TYPE, writeOnnxModel, type OnnxValue } from './onnx-model.js';
import { OPERATORS } from './operators/table.js';
import { readWeights } from './weights.js';

/** Changes whenever the bytes that a conversion writes may change, so that cached models are made anew. */
export const CONVERTER_VERSION = '1';

/**
 * Converts a TensorFlow.js graph model to an ONNX model. Inputs keep their names and types (int32 or float32); the
 * outputs (integers as int64) are the nodes that no other node reads, or `outputs` when given. Throws MODEL_INVALID,
 * naming the operator and the node, for an operator that is not in the table.
 *
 * @param weightBytes the concatenated weight files of the manifest
 */
export function convertGraphModel(model: ModelJson, weightBytes: Uint8Array, outputs?: readonly string[]): Uint8Array {
  const nodes = new Map(model.modelTopology.node.map((node) => [node.name, node]));
  const builder = new GraphBuilder(readWeights(model, weightBytes));
  const wanted = outputs ?? unreadNodes(model.modelTopology.node);
  const ordered = inOrder(nodes, wanted);
  const inputs: OnnxValue[] = [];
  const widened = new Map<string, string>();
  for (const node of ordered) {
    if (node.op === 'Placeholder') inputs.push(addInput(node, builder, widened));
    else if (node.op !== 'Const') convertNode(node, builder, widened);
  }
  const values = wanted.map((name) => ({ name }));
  return writeOnnxModel({ nodes: builder.nodes, initializers: builder.initializers, inputs, outputs: values });
}

function convertNode(node: GraphNode, builder: GraphBuilder, widened: ReadonlyMap<string, string>): void {
  const operator = OPERATORS[node.op];
  if (operator === undefined) {
    throw new NearfieldError('MODEL_INVALID', `No conversion for operator ${node.op} of node ${node.name}`, {
      remedy: suggestion(node.op, Object.keys(OPERATORS)),
      field: node.name,
    });
  }
  const inputs = dataInputs(node).map((input) => widened.get(input) ?? input);
  operator(node, inputs, builder);
}

/**
 * Integer inputs are int32, as in TensorFlow.js, which has no int64; inside the graph integers are int64, so that the
 * input is widened at once and read under another name.
 */
function addInput(node: GraphNode, builder: GraphBuilder, widened: Map<string, string>): OnnxValue {
  const type = typeAttribute(node, 'dtype');
  if (type !== 'int32' && type !== 'int64') return { name: node.name, type };
  widened.set(node.name, builder.add('Cast', [node.name], { attributes: { to: { int: ONNX_TYPE.int64 } } }));
  return { name: node.name, type: 'int32' };
}

/** Tensor names without control inputs (`^name`) and without the port of a first output (`name:0`). */
function dataInputs(node: GraphNode): string[] {
  return (node.input ?? []).filter((input) => !input.startsWith('^')).map((input) => input.replace(/:0$/, ''));
}

function nodeOf(tensor: string): string {
  return tensor.replace(/:\d+$/, '');
}

function unreadNodes(nodes: readonly GraphNode[]): string[] {
  const read = new Set(nodes.flatMap((node) => dataInputs(node).map(nodeOf)));
  return nodes
    .filter(({ name, op }) => !read.has(name) && op !== 'Const' && op !== 'Placeholder')
    .map(({ name }) => name);
}

/** The nodes that the outputs need, each after its inputs. Iterative, because graphs are deeper than a call stack. */
function inOrder(nodes: ReadonlyMap<string, GraphNode>, outputs: readonly string[]): GraphNode[] {
  const done = new Set<string>();
  const ordered: GraphNode[] = [];
  const stack = [...outputs].reverse();
  while (stack.length > 0) {
    const name = stack.at(-1) ?? '';
    const node = nodes.get(name);
    if (node === undefined) {
      throw new NearfieldError('MODEL_INVALID', `The graph has no node ${name}`, { field: name });
    }
    const missing = done.has(name)
      ? []
      : dataInputs(node)
          .map(nodeOf)
          .filter((input) => !done.has(input));
    if (missing.length > 0) {
      stack.push(...missing.reverse());
      continue;
    }
    stack.pop();
    if (!done.has(name)) ordered.push(node);
    done.add(name);
  }
  return ordered;
}
