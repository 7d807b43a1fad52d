import fc from 'fast-check';
import t from 'tap';
import { combine, type Slot } from '@nearfield/engine/internals/ingest/index';
import { SharedEncoder } from '../small-encoders.js';

const encoder = new SharedEncoder('any:letters', ['text']);
const part = (values: number[], weight = 1, offset = 0) => ({
  slot: { encoder, weight, offset } satisfies Slot,
  embedding: Float32Array.from(values),
});
const rounded = (vector: Float32Array): number[] => Array.from(vector, (value) => Math.round(value * 1e6) / 1e6);

t.test('a mean weighs parts of length 1 under cosine, and parts as they are otherwise', async (t) => {
  const parts = [part([3, 4]), part([0, 10], 3)];
  t.same(rounded(combine('mean', parts, 2, 'cosine')), [0.15, 0.95]);
  t.same(rounded(combine('mean', parts, 2, 'dot')), [0.75, 8.5]);
});

t.test('a product multiplies component by component', async (t) => {
  t.same(rounded(combine('product', [part([3, 4]), part([0, 10])], 2, 'cosine')), [0, 0.8]);
  t.same(rounded(combine('product', [part([3, 4]), part([2, 0.5])], 2, 'euclidean')), [6, 2]);
  t.same(rounded(combine('product', [part([3, 4])], 2, 'cosine')), [0.6, 0.8], 'what is missing is left out');
});

t.test('a concatenation puts each part in its place, times its weight, and zeros where there is none', async (t) => {
  const [first, second] = [part([3, 4], 2), part([0, 0, 5], 0.5, 2)];
  t.same(rounded(combine('concat', [first, second], 5, 'cosine')), [1.2, 1.6, 0, 0, 0.5]);
  t.same(rounded(combine('concat', [second], 5, 'cosine')), [0, 0, 0, 0, 0.5]);
});

t.test('one joined input is kept as it is, several are a mean', async (t) => {
  const alone = part([3, 4]);
  t.equal(combine('join', [alone], 2, 'cosine'), alone.embedding);
  t.same(rounded(combine('join', [alone, part([0, 1])], 2, 'cosine')), [0.3, 0.9]);
});

t.test('parts that are opposite come to zeros', async (t) => {
  t.same(rounded(combine('mean', [part([1, 2]), part([-2, -4])], 2, 'cosine')), [0, 0]);
});

t.test('the cosine of two concatenations is the weighted mean of the cosines of their parts', async () => {
  const vector = fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 3, maxLength: 3 });
  const nonZero = vector.filter((values) => Math.hypot(...values) > 0.1);
  const weight = fc.double({ min: 0.1, max: 8, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(nonZero, nonZero, nonZero, nonZero), weight, weight, ([a, b, c, d], v, w) => {
      const made = (first: number[], second: number[]) =>
        combine('concat', [part(first, v), part(second, w, 3)], 6, 'cosine');
      const expected = (v * v * cosine(a, c) + w * w * cosine(b, d)) / (v * v + w * w);
      return Math.abs(cosine([...made(a, b)], [...made(c, d)]) - expected) < 1e-5;
    }),
    { seed: 11, verbose: 1 },
  );
});

function cosine(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0) / (Math.hypot(...a) * Math.hypot(...b));
}
