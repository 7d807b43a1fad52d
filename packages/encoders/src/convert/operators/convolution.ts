import { integersAttribute, stringsAttribute } from '../attribute.js';
import type { GraphBuilder } from '../graph-builder.js';
import type { GraphNode } from '../model-json.js';
import type { Weight } from '../weights.js';
import { clipToSix } from './activation.js';
import { unsupported, type Operator, type OperatorTable } from './operator.js';
import { paddingOf, requireNhwc, slidingWindow, toChannelsFirst, toChannelsLast } from './window.js';

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
  toChannelsLast(graph, convolve(node, graph, { x, filterName, depthwise: false }), node.name);
};

/** NHWC input; the filter is height, width, channel, outputs of that channel. */
const depthwiseConv2d: Operator = (node, [x = '', filterName = ''], graph) => {
  requireNhwc(node);
  toChannelsLast(graph, convolve(node, graph, { x, filterName, depthwise: true }), node.name);
};

/**
 * A convolution, bias and activation in one, as TensorFlow folds image models. Also with a 1 x 1 filter it stays a
 * convolution: between others it needs no transposition, which a matrix product would.
 */
function fused(depthwise: boolean): Operator {
  return (node, [x = '', filterName = '', bias], graph) => {
    requireNhwc(node);
    const [first, activation, ...more] = stringsAttribute(node, 'fused_ops');
    if (first !== 'BiasAdd' || bias === undefined || more.length > 0) {
      unsupported(node, `the fused operators ${[first, activation, ...more].join(', ')}`);
    }
    const convolved = convolve(node, graph, { x, filterName, depthwise, bias });
    toChannelsLast(graph, activate(node, graph, convolved, activation), node.name);
  };
}

function activate(node: GraphNode, graph: GraphBuilder, x: string, activation: string | undefined): string {
  switch (activation) {
    case undefined:
      return x;
    case 'Relu':
      return graph.add('Relu', [x]);
    case 'Relu6':
      return clipToSix(graph, x);
    default:
      return unsupported(node, `the fused activation ${activation}`);
  }
}

/** The convolution with channels first. */
function convolve(
  node: GraphNode,
  graph: GraphBuilder,
  { x, filterName, depthwise, bias }: { x: string; filterName: string; depthwise: boolean; bias?: string },
): string {
  const filter = constantFilter(node, graph, filterName);
  const [height = 0, width = 0, channels = 0, outputs = 0] = filter.shape;
  // Depthwise, each channel is a group of its own, with filters of one channel.
  const grouped = depthwise ? { ...filter, shape: [height, width, 1, channels * outputs] } : filter;
  const weights = graph.constant(toOihw(grouped), `${filterName}#oihw`);
  return graph.add('Conv', [toChannelsFirst(graph, x), weights, ...(bias === undefined ? [] : [bias])], {
    attributes: {
      ...slidingWindow(node, [height, width]),
      kernel_shape: { ints: [height, width] },
      ...(depthwise && { group: { int: channels } }),
    },
  });
}

const biasAdd: Operator = (node, inputs, graph) => {
  requireNhwc(node);
  graph.add('Add', inputs, { output: node.name });
};

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

export const CONVOLUTION: OperatorTable = {
  Conv2D: conv2d,
  DepthwiseConv2dNative: depthwiseConv2d,
  _FusedConv2D: fused(false),
  FusedDepthwiseConv2dNative: fused(true),
  BiasAdd: biasAdd,
};
