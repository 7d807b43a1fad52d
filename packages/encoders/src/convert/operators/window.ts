import { integersAttribute, stringAttribute } from '../attribute.js';
import type { GraphBuilder } from '../graph-builder.js';
import type { GraphNode } from '../model-json.js';
import type { OnnxAttribute } from '../onnx-model.js';
import { unsupported } from './operator.js';

/** TensorFlow.js has channels last, ONNX's windows have them first. Between two of them the transpositions cancel out. */
export function toChannelsFirst(graph: GraphBuilder, tensor: string): string {
  return graph.add('Transpose', [tensor], { attributes: { perm: { ints: [0, 3, 1, 2] } } });
}

export function toChannelsLast(graph: GraphBuilder, tensor: string, output: string): void {
  graph.add('Transpose', [tensor], { output, attributes: { perm: { ints: [0, 2, 3, 1] } } });
}

/** ONNX attributes of a sliding window: strides, dilations and padding of height and width. */
export function slidingWindow(node: GraphNode, kernel: readonly [number, number]): Record<string, OnnxAttribute> {
  const given = integersAttribute(node, 'dilations').slice(1, 3);
  const dilations = given.length === 2 ? given : [1, 1];
  return {
    strides: { ints: integersAttribute(node, 'strides').slice(1, 3) },
    dilations: { ints: dilations },
    ...padding(node, kernel, dilations),
  };
}

function padding(
  node: GraphNode,
  kernel: readonly [number, number],
  dilations: readonly number[],
): Record<string, OnnxAttribute> {
  const kind = paddingOf(node);
  switch (kind) {
    case 'VALID':
      return { auto_pad: { text: 'VALID' } };
    case 'SAME': {
      if (dilations.every((dilation) => dilation === 1)) return { auto_pad: { text: 'SAME_UPPER' } };
      // ONNX Runtime pads a dilated window only by number; TensorFlow dilates only with stride 1, so that these are
      // known.
      const totals = kernel.map((length, axis) => (length - 1) * (dilations[axis] ?? 1));
      const before = totals.map((total) => Math.floor(total / 2));
      return { pads: { ints: [...before, ...totals.map((total) => Math.ceil(total / 2))] } };
    }
    case 'EXPLICIT': {
      const [, , top = 0, bottom = 0, left = 0, right = 0] = integersAttribute(node, 'explicit_paddings');
      return { pads: { ints: [top, left, bottom, right] } };
    }
    default:
      return unsupported(node, `the padding ${kind}`);
  }
}

export function paddingOf(node: GraphNode): string {
  return stringAttribute(node, 'padding', 'VALID');
}

export function requireNhwc(node: GraphNode): void {
  const format = stringAttribute(node, 'data_format', 'NHWC');
  if (format !== 'NHWC') unsupported(node, `the data format ${format}`);
}
