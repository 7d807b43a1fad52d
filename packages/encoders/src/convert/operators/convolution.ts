import { integersAttribute, stringAttribute } from '../attribute.js';
import type { GraphBuilder } from '../graph-builder.js';
import type { GraphNode } from '../model-json.js';
import type { OnnxAttribute } from '../onnx-model.js';
import type { Weight } from '../weights.js';
import { unsupported, type Operator, type OperatorTable } from './operator.js';

const NHWC_TO_NCHW = { perm: { ints: [0, 3, 1, 2] } };
const NCHW_TO_NHWC = { perm: { ints: [0, 2, 3, 1] } };

/** NHWC input, HWIO filter. A 1 x 1 filter of stride 1 is a matrix product over the channels. */
const conv2d: Operator = (node, [x = '', filterName = ''], graph) => {
  requireNhwc(node);
  const filter = constantFilter(node, graph, filterName);
  const [height = 0, width = 0, channels = 0, outputs = 0] = filter.shape;
  const strides = integersAttribute(node, 'strides').slice(1, 3);
  if (height === 1 && width === 1 && strides.every((stride) => stride === 1) && paddingOf(node) !== 'EXPLICIT') {
    const matrix = graph.constant({ ...filter, shape: [channels, outputs] }, `${filterName}#matrix`);
    graph.add('MatMul', [x, matrix], { output: node.name });
    return;
  }
  const weights = graph.constant(toOihw(filter), `${filterName}#oihw`);
  const result = graph.add('Conv', [graph.add('Transpose', [x], { attributes: NHWC_TO_NCHW }), weights], {
    attributes: { ...window(node, [height, width]), kernel_shape: { ints: [height, width] } },
  });
  graph.add('Transpose', [result], { output: node.name, attributes: NCHW_TO_NHWC });
};

const biasAdd: Operator = (node, inputs, graph) => {
  requireNhwc(node);
  graph.add('Add', inputs, { output: node.name });
};

/** ONNX attributes of a sliding window: strides, dilations and padding of height and width. */
function window(node: GraphNode, kernel: readonly [number, number]): Record<string, OnnxAttribute> {
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

function paddingOf(node: GraphNode): string {
  return stringAttribute(node, 'padding', 'VALID');
}

function requireNhwc(node: GraphNode): void {
  const format = stringAttribute(node, 'data_format', 'NHWC');
  if (format !== 'NHWC') unsupported(node, `the data format ${format}`);
}

function constantFilter(node: GraphNode, graph: GraphBuilder, name: string): Weight {
  const filter = graph.weight(name);
  if (filter?.shape.length !== 4) return unsupported(node, 'a filter that is not a constant of rank 4');
  return filter;
}

/** Height, width, input, output to output, input, height, width. */
function toOihw({ shape, data }: Weight): Weight {
  const [height = 0, width = 0, channels = 0, outputs = 0] = shape;
  const reordered = new Float32Array(data.length);
  let from = 0;
  for (let cell = 0; cell < height * width; cell++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let output = 0; output < outputs; output++) {
        reordered[(output * channels + channel) * height * width + cell] = data[from++] ?? 0;
      }
    }
  }
  return { shape: [outputs, channels, height, width], dtype: 'float32', data: reordered };
}

export const CONVOLUTION: OperatorTable = { Conv2D: conv2d, BiasAdd: biasAdd };
