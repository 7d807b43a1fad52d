import t from 'tap';
import { convertGraphModel } from '@nearfield/encoders/internals/convert/convert';
import { readModelJson, type GraphNode } from '@nearfield/encoders/internals/convert/model-json';
import { Session } from '@nearfield/encoders/internals/session/session';
import { floats, integer, ints, list, smallGraph, text } from './small-graph.js';

t.test('an unknown operator is refused by its name and its node, with the nearest known one', async (t) => {
  const { model, weights } = smallGraph({
    inputs: { x: 'float32' },
    nodes: [{ name: 'odd', op: 'Rellu', input: ['x'] }],
  });
  t.throws(() => convertGraphModel(model, weights), {
    code: 'MODEL_INVALID',
    message: /operator Rellu of node odd.*Did you mean `Relu`/,
    details: { field: 'odd' },
  });
});

t.test('a variant that has no conversion is refused by its node', async (t) => {
  const variants: Omit<GraphNode, 'name'>[] = [
    { op: 'Conv2D', attr: { data_format: text('NCHW') }, input: ['x', 'c'] },
    { op: 'Conv2D', attr: { strides: list(1, 2, 2, 1), padding: text('ODD') }, input: ['x', 'filter'] },
    {
      op: '_FusedConv2D',
      attr: { padding: text('SAME'), fused_ops: { list: { s: [text('BiasAdd').s ?? '', text('Elu').s ?? ''] } } },
      input: ['x', 'filter', 'c'],
    },
    { op: '_FusedConv2D', attr: { padding: text('SAME'), fused_ops: { list: {} } }, input: ['x', 'filter'] },
    { op: 'StridedSlice', attr: { ellipsis_mask: integer(1) }, input: ['x', 'c', 'c', 'c'] },
    { op: 'StridedSlice', attr: {}, input: ['x', 'c', 'c', 'negative'] },
    { op: 'GatherV2', attr: { batch_dims: integer(1) }, input: ['x', 'c', 'c'] },
    { op: 'Where', attr: {}, input: ['x', 'x', 'x'] },
    { op: 'Sum', attr: {}, input: ['x', 'x'] },
    { op: 'Cast', attr: { DstT: { type: 'DT_STRING' } }, input: ['x'] },
  ];
  for (const variant of variants) {
    const constants = { c: ints(1), negative: ints(-1), filter: floats([1, 1, 1, 1], [1]) };
    const { model, weights } = smallGraph({
      inputs: { x: 'float32' },
      constants,
      nodes: [{ name: 'bad', ...variant }],
    });
    t.throws(() => convertGraphModel(model, weights), { code: 'MODEL_INVALID', details: { field: 'bad' } }, variant.op);
  }
});

t.test('a missing node is refused by its name', async (t) => {
  const { model, weights } = smallGraph({ inputs: {}, nodes: [{ name: 'y', op: 'Relu', input: ['nowhere'] }] });
  t.throws(() => convertGraphModel(model, weights), { code: 'MODEL_INVALID', message: /no node nowhere/ });
});

t.test('a file that is not a graph model is refused', async (t) => {
  for (const other of [null, {}, [], 'text', { modelTopology: { node: [] } }]) {
    t.throws(() => readModelJson(other), { code: 'MODEL_INVALID' });
  }
});

t.test('only the nodes that the wanted outputs need are converted', async (t) => {
  const { model, weights } = smallGraph({
    inputs: { x: 'float32' },
    nodes: [
      { name: 'unknown', op: 'NoSuchOperator', input: ['y'] },
      { name: 'y', op: 'Relu', input: ['x:0', '^unknown'] },
    ],
  });
  const session = await Session.open(convertGraphModel(model, weights, ['y']), { threads: 1 });
  const [output] = await session.run({ x: { shape: [3], data: Float32Array.of(-1, 0, 2) } });
  await session.close();
  t.same(Array.from(output?.data ?? [], Number), [0, 0, 2]);
});

t.test('a conversion is the same bytes each time', async (t) => {
  const { model, weights } = smallGraph({
    inputs: { x: 'float32' },
    constants: { axes: ints(0) },
    nodes: [{ name: 'y', op: 'Sum', input: ['x', 'axes'] }],
  });
  t.same(convertGraphModel(model, weights), convertGraphModel(model, weights));
});
