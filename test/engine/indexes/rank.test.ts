import fc from 'fast-check';
import t from 'tap';
import { rank } from '@nearfield/engine/internals/indexes/candidates';
import { firstInSteps, firstOf } from '@nearfield/engine/internals/indexes/select';

const SEED = Number(process.env.NEARFIELD_SEED ?? 12);
// Small integers, so that ties are common.
const scores = fc.oneof(
  fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 60 }),
  fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 60 }),
);

t.test('the first of very many are found in steps', async (t) => {
  const items = Uint32Array.from({ length: 9001 }, (_, i) => (i * 7919) % 9001);
  for (const length of [0, 1, 2048, 2049, 4096, 9001]) {
    for (const limit of [0, 1, 10, 3000, Infinity]) {
      const given = items.subarray(0, length);
      const steps = firstInSteps(given, limit, (a, b) => b - a);
      let pauses = 0;
      let step = steps.next();
      for (; step.done !== true; step = steps.next()) pauses++;
      t.same(step.value, given.toSorted((a, b) => b - a).subarray(0, limit), `${limit} of ${length}`);
      t.ok(pauses >= length / 2048);
    }
  }
});

t.test(`the first of many are the beginning of the sorted ones (NEARFIELD_SEED=${SEED})`, async (t) => {
  const property = fc.property(fc.array(fc.nat(40), { maxLength: 60 }), fc.nat(70), (values, limit) => {
    const items = Uint32Array.from(values);
    const sorted = values.toSorted((a, b) => b - a).slice(0, limit);
    return String(firstOf(items, limit, (a, b) => b - a)) === String(sorted);
  });
  t.doesNotThrow(() => fc.assert(property, { seed: SEED, numRuns: 2000 }));
});

t.test('a few of sorted, reversed and equal items take about one comparison an item', async (t) => {
  const ascending = Uint32Array.from({ length: 10_000 }, (_, i) => i);
  const orders = { ascending, 'all equal': new Uint32Array(10_000).fill(7) };
  for (const [name, items] of Object.entries(orders)) {
    let comparisons = 0;
    const first = firstOf(items, 10, (a, b) => {
      comparisons++;
      return a - b;
    });
    t.same(first, items.slice(0, 10), name);
    t.ok(comparisons < 10_200, `${comparisons} comparisons`);
  }
  t.same([...firstOf(ascending.toReversed(), 3, (a, b) => a - b)], [0, 1, 2]);
  t.same([...firstOf(ascending, 0, (a, b) => a - b)], []);
});

t.test(`a ranking goes by score, then by the tie break, and stops at the limit (NEARFIELD_SEED=${SEED})`, async (t) => {
  const property = fc.property(scores, fc.nat(70), (values, limit) => {
    // Record 7 i mod 61: in no order, and distinct.
    const records = Uint32Array.from(values.keys(), (i) => (7 * i) % 61);
    const rounded = Float32Array.from(values);
    const ranked = rank(records, rounded, limit, (a, b) => b - a);
    const expected = [...records.keys()]
      .sort((a, b) => (rounded[a] === rounded[b] ? records[b] - records[a] : rounded[a] > rounded[b] ? -1 : 1))
      .slice(0, limit);
    return (
      String([...ranked.records]) === String(expected.map((i) => records[i])) &&
      String([...ranked.scores]) === String(expected.map((i) => rounded[i]))
    );
  });
  t.doesNotThrow(() => fc.assert(property, { seed: SEED, numRuns: 500 }));
});
