import t from 'tap';
import { readWeights } from '@nearfield/encoders/internals/convert/weights';
import { smallGraph, type SmallConstant } from './small-graph.js';

function read(constants: Record<string, SmallConstant>) {
  const { model, weights } = smallGraph({ inputs: {}, constants, nodes: [] });
  return readWeights(model, weights);
}

t.test('weights quantized to bytes are scaled and shifted back', async (t) => {
  const quantization = { dtype: 'uint8', scale: 0.5, min: -3 } as const;
  const weight = read({ w: { shape: [3], data: Uint8Array.of(0, 1, 255), dtype: 'float32', quantization } }).get('w');
  t.same(weight, { shape: [3], dtype: 'float32', data: Float32Array.of(-3, -2.5, 124.5) });
});

t.test('weights quantized to two bytes are scaled and shifted back, at any alignment', async (t) => {
  const weights = read({
    odd: { shape: [1], data: Uint8Array.of(7), dtype: 'float32', quantization: { dtype: 'uint8', scale: 1, min: 0 } },
    w: {
      shape: [2],
      data: Uint16Array.of(2, 65535),
      dtype: 'float32',
      quantization: { dtype: 'uint16', scale: 2, min: 1 },
    },
  });
  t.same(weights.get('w')?.data, Float32Array.of(5, 131071));
});

t.test('integers that were quantized are whole again', async (t) => {
  const quantization = { dtype: 'uint8', scale: 1.0000001, min: -2 } as const;
  const weight = read({ w: { shape: [3], data: Uint8Array.of(0, 2, 200), dtype: 'int32', quantization } }).get('w');
  t.same(weight, { shape: [3], dtype: 'int64', data: Int32Array.of(-2, 0, 198) });
});

t.test('half floats are widened: normal, subnormal, zero, infinite', async (t) => {
  const halves = Uint16Array.of(0x3c00, 0xc000, 0x3555, 0x0001, 0x8000, 0x7c00, 0xfc00, 0x7bff);
  const quantization = { dtype: 'float16' } as const;
  const data = read({ w: { shape: [8], data: halves, dtype: 'float32', quantization } }).get('w')?.data;
  const expected = [1, -2, 1365 / 4096, 2 ** -24, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 65504];
  t.same(data, Float32Array.from(expected));
});

t.test('a weight file that ends early is refused by the weight', async (t) => {
  const { model, weights } = smallGraph({
    inputs: {},
    constants: { w: { shape: [3], data: new Float32Array(3) } },
    nodes: [],
  });
  t.throws(() => readWeights(model, weights.subarray(0, 11)), { code: 'MODEL_INVALID', details: { field: 'w' } });
});
