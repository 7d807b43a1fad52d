import fc from 'fast-check';
import t from 'tap';
import { rank } from '@nearfield/engine/internals/indexes/candidates';
import { kthGreatest } from '@nearfield/engine/internals/indexes/select';

const SEED = Number(process.env.NEARFIELD_SEED ?? 12);
// Small integers, so that ties are common.
const scores = fc.oneof(
  fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 60 }),
  fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 60 }),
);

t.test(`the k-th greatest is the k-th of the sorted values (NEARFIELD_SEED=${SEED})`, async (t) => {
  const property = fc.property(scores, fc.nat(), (values, at) => {
    const k = 1 + (at % values.length);
    const expected = Float32Array.from(values).sort().at(-k);
    return kthGreatest(Float32Array.from(values), k) === expected;
  });
  t.doesNotThrow(() => fc.assert(property, { seed: SEED, numRuns: 2000 }));
});

t.test('the k-th greatest is found among sorted, reversed and equal values', async (t) => {
  const ascending = Float32Array.from({ length: 500 }, (_, i) => i);
  t.equal(kthGreatest(ascending.slice(), 10), 490);
  t.equal(kthGreatest(ascending.slice().reverse(), 10), 490);
  t.equal(kthGreatest(new Float32Array(500).fill(2), 250), 2);
  t.equal(kthGreatest(Float32Array.of(-Infinity, 1, Infinity), 3), -Infinity);
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
