import t from 'tap';
import { finishEmbeddings } from '@nearfield/encoders/internals/pooling/finish';
import { POOLINGS, pool, type Pooling } from '@nearfield/encoders/internals/pooling/pooling';

// Two rows of three tokens of two numbers; the second row has two tokens, and padding that must not count.
const tokens = Float32Array.of(1, -1, 2, -2, 3, -9, 4, 8, 2, 0, 1e9, -1e9);
const ranges = [
  { start: 0, end: 3 },
  { start: 0, end: 2 },
];
const expected: Readonly<Record<Pooling, readonly number[]>> = {
  mean: [2, -4, 3, 4],
  cls: [1, -1, 4, 8],
  last: [3, -9, 2, 0],
  max: [3, -1, 4, 8],
  mean_sqrt_len: [6 / Math.sqrt(3), -12 / Math.sqrt(3), 6 / Math.SQRT2, 8 / Math.SQRT2],
  weighted_mean: [14 / 6, -32 / 6, 8 / 3, 8 / 3],
};

for (const pooling of POOLINGS) {
  t.test(`padding does not count: ${pooling}`, async (t) => {
    const pooled = pool(tokens, { length: 3, dimensions: 2 }, ranges, pooling);
    t.same(pooled, Float32Array.from(expected[pooling]));
  });
}

t.test('tokens before a range do not count, but for the first of all', async (t) => {
  const range = [{ start: 1, end: 3 }];
  const one = tokens.slice(0, 6);
  t.same(pool(one, { length: 3, dimensions: 2 }, range, 'mean'), Float32Array.of(2.5, -5.5));
  t.same(pool(one, { length: 3, dimensions: 2 }, range, 'max'), Float32Array.of(3, -2));
  t.same(pool(one, { length: 3, dimensions: 2 }, range, 'cls'), Float32Array.of(1, -1));
});

t.test('embeddings are cut, then brought to length 1', async (t) => {
  const embeddings = Float32Array.of(3, 4, 12, 0, 0, 5);
  const finish = (dimensions: number, normalize: boolean): Float32Array =>
    finishEmbeddings(embeddings, 3, { dimensions, normalize, layerNorm: false });
  t.same(finish(2, true), Float32Array.of(0.6, 0.8, 0, 0), 'a zero vector stays one');
  t.same(finish(2, false), Float32Array.of(3, 4, 0, 0));
  t.same(finish(3, true), Float32Array.of(3 / 13, 4 / 13, 12 / 13, 0, 0, 1));
});

t.test('layer normalization goes over the whole embedding before it is cut', async (t) => {
  const [first, second] = finishEmbeddings(Float32Array.of(1, 2, 3), 3, {
    dimensions: 2,
    normalize: false,
    layerNorm: true,
  });
  t.ok(Math.abs((first ?? 0) + Math.sqrt(1.5)) < 1e-4);
  t.equal(second, 0);
});
