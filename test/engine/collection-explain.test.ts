import t from 'tap';
import { open, type FilterInput } from '@nearfield/engine';
import { seededRandom } from './filter/random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 71);
const ROWS = 4000;
const DIMENSIONS = 32;

t.test(`explain estimates what a filter lets through, and does not run it (NEARFIELD_SEED=${SEED})`, async (t) => {
  const random = seededRandom(SEED);
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', {
    fields: { n: 'integer', group: 'keyword', kind: { type: 'keyword', index: false }, extra: 'json' },
    vectors: { at: { dimensions: DIMENSIONS } },
  });
  await rows.upsert(
    Array.from({ length: ROWS }, (_, id) => ({
      id,
      n: id,
      group: `group ${id % 10}`,
      kind: id % 10 === 0 ? 'rare' : 'usual',
      extra: { flag: id % 10 !== 0 },
      vectors: { at: Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5) },
    })),
  );
  await rows.delete(Array.from({ length: 50 }, (_, i) => i * 7));
  await db.optimize();
  const near = { vector: 'at', value: new Float32Array(DIMENSIONS).fill(1) } as const;
  const planOf = async (filter: FilterInput) => {
    const plan = await rows.explain({ near, filter } as never);
    t.ok(Object.isFrozen(plan) && Object.isFrozen(plan.filter?.estimate));
    const { estimate, matches } = plan.filter!;
    const count = await rows.count(filter as never);
    const { min, expected, max } = estimate;
    t.ok(min <= count && count <= max && min <= expected && expected <= max, '', { filter, estimate, count });
    t.equal(matches, undefined, 'it is not counted');
    return { plan, estimate, count };
  };

  t.test('by indexes alone the bounds are narrow', async (t) => {
    const { estimate, count } = await planOf({ n: { $lt: 2000 } });
    t.ok(estimate.max - estimate.min <= 50, 'but for the dead rows, of which nobody knows whether they match');
    t.ok(Math.abs(estimate.expected - count) < 50);
    const { plan } = await planOf({ group: 'none of them' });
    t.match(plan, { strategy: 'no-match', filter: { estimate: { min: 0, expected: 0, max: 0 } } });
  });

  t.test('where the bounds leave the way open, a sample of the records narrows it', async (t) => {
    for (const filter of [{ kind: 'usual' }, { 'extra.flag': true }, { kind: 'usual', n: { $gte: 0 } }]) {
      const { plan, estimate, count } = await planOf(filter);
      t.ok(estimate.max - estimate.min > ROWS / 2, 'no index knows');
      t.ok(Math.abs(estimate.expected - count) < ROWS / 10, 'a guess would be a tenth of all', { estimate, count });
      const { info } = await rows.search({ near, filter } as never);
      t.equal(plan.strategy, info.strategy);
      t.same(await rows.explain({ near, filter } as never), plan, 'the sample is the same each time');
    }
  });

  t.test('where it makes no difference, no record is read', async (t) => {
    const plan = await rows.explain({ near, filter: { kind: 'usual' }, strategy: 'scan' });
    t.equal(plan.filter?.estimate.expected, plan.rows / 10, 'a guess');
  });

  t.test('analyze puts the number that passed beside the estimate', async (t) => {
    const filter = { kind: 'rare', n: { $lt: 4000 } } as const;
    const { plan } = await rows.analyze({ near, filter });
    t.equal(plan.filter!.matches, await rows.count(filter));
    const { min, max } = plan.filter!.estimate;
    t.ok(min < max, 'which an index could not tell');
  });
});
