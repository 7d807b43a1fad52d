import type { QueryPlan } from '@nearfield/engine';
import { planLines } from '@nearfield/server/internals/cli/plan-lines';
import t from 'tap';

const PLAN: QueryPlan = {
  kind: 'query-plan',
  strategy: 'graph-walk',
  exact: false,
  recall: 0.95123,
  rows: 34_000,
  cost: 415,
  filter: undefined,
  legs: [
    {
      kind: 'dense',
      vector: 'meaning',
      weight: 1,
      limit: 10,
      vectors: 34_000,
      steps: [{ kind: 'walk', effort: 40 }, { kind: 'scan' }],
      exact: false,
      recall: 0.95123,
      cost: 415,
    },
  ],
  fusion: undefined,
  limit: 10,
  offset: 0,
};

t.test('a plan says what is done to each segment, and what is expected', async (t) => {
  t.strictSame(planLines(PLAN), [
    'graph-walk: recall 0.951, 34 000 rows, limit 10, offset 0',
    '  dense vector meaning, weight 1, limit 10, vectors 34 000, walk with effort 40, scan of 1 sealed, recall 0.951, about 0.4 ms',
  ]);
});

t.test('a plan that scans everything is exact', async (t) => {
  const [leg] = PLAN.legs;
  const legs = [{ ...leg, steps: [], exact: true, recall: 1 }] as QueryPlan['legs'];
  const lines = planLines({ ...PLAN, strategy: 'exact-scan', exact: true, recall: 1, legs });
  t.match(lines[0], /^exact-scan: exact, /);
  t.match(lines[1], /vectors 34 000, exact, about 0\.4 ms$/);
});
