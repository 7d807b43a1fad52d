import { integersAttribute } from '../attribute.js';
import type { Operator, OperatorTable } from './operator.js';
import { requireNhwc, slidingWindow, toChannelsFirst, toChannelsLast } from './window.js';

/** Both take the mean of what is there: padding does not count. */
const averagePool: Operator = (node, [x = ''], graph) => {
  requireNhwc(node);
  const [height = 1, width = 1] = integersAttribute(node, 'ksize').slice(1, 3);
  // Pooling has no dilations in TensorFlow.
  const { dilations: _, ...window } = slidingWindow(node, [height, width]);
  const pooled = graph.add('AveragePool', [toChannelsFirst(graph, x)], {
    attributes: { ...window, kernel_shape: { ints: [height, width] } },
  });
  toChannelsLast(graph, pooled, node.name);
};

export const POOLING: OperatorTable = { AvgPool: averagePool };
