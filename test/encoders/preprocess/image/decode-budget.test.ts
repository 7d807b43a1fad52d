import t from 'tap';
import { DecodeBudget } from '@nearfield/encoders/internals/preprocess/image/decode-budget';

/** Work that ends when it is told to, and what of it has begun. */
function works(budget: DecodeBudget, ...pixels: number[]) {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const all = pixels.map((count, at) => {
    return budget.during(count, () => {
      begun.push(at);
      return new Promise<number>((resolve) => (ends[at] = () => resolve(at)));
    });
  });
  const end = async (at: number): Promise<void> => {
    ends[at]?.();
    await all[at];
    await new Promise(setImmediate);
  };
  return { begun, end, all, settled: () => new Promise(setImmediate) };
}

t.test('as many begin as there are lanes and pixels, in their order', async (t) => {
  const { begun, end, settled } = works(new DecodeBudget(10_000_000, 3), 4e6, 4e6, 4e6, 1e6);
  await settled();
  t.same(begun, [0, 1], 'the third does not fit, and the fourth does not overtake it');
  await end(0);
  t.same(begun, [0, 1, 2, 3]);
});

t.test('small images count, too, so that their number is bounded', async (t) => {
  const { begun, end, settled } = works(new DecodeBudget(10_000_000, 2), 0, 0, 0);
  await settled();
  t.same(begun, [0, 1]);
  await end(1);
  t.same(begun, [0, 1, 2]);
});

t.test('what needs more than everything runs alone', async (t) => {
  const { begun, end, settled } = works(new DecodeBudget(10_000_000, 4), 1e6, 1e9, 1e6);
  await settled();
  t.same(begun, [0]);
  await end(0);
  t.same(begun, [0, 1]);
  await end(1);
  t.same(begun, [0, 1, 2]);
});

t.test('work that fails gives its room back', async (t) => {
  const budget = new DecodeBudget(10_000_000, 1);
  await t.rejects(
    budget.during(1e7, () => Promise.reject(new Error('broken'))),
    { message: 'broken' },
  );
  t.equal(await budget.during(1e7, () => Promise.resolve(7)), 7);
});
