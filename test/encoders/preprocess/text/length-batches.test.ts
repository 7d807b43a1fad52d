import fc from 'fast-check';
import t from 'tap';
import { lengthBatches } from '@nearfield/encoders/internals/preprocess/text/length-batches';

t.test('every position is in one batch, batches grow in length, and none costs more than the budget', async (t) => {
  const lengths = fc.array(fc.nat({ max: 130 }), { maxLength: 60 });
  const property = fc.property(lengths, fc.integer({ min: 1, max: 600 }), (lengths, budget) => {
    const batches = lengthBatches(lengths, budget);
    const flat = batches.flat();
    const lengthsInOrder = flat.map((position) => lengths[position] ?? -1);
    const cost = (batch: number[]) => batch.length * Math.max(1, ...batch.map((position) => lengths[position] ?? 0));
    return (
      new Set(flat).size === lengths.length &&
      flat.length === lengths.length &&
      lengthsInOrder.every((length, at) => at === 0 || length >= (lengthsInOrder[at - 1] ?? 0)) &&
      batches.every((batch) => batch.length === 1 || cost(batch) <= budget)
    );
  });
  t.doesNotThrow(() => fc.assert(property, { seed: 17 }));
});

t.test('sequences of one length fill a batch to the budget', async (t) => {
  t.same(lengthBatches([5, 5, 5, 5, 5], 10), [[0, 1], [2, 3], [4]]);
  t.same(lengthBatches([], 10), []);
});
