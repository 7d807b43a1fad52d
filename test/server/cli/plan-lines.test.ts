import type { QueryPlan, SearchAnalysis, SegmentStep } from '@nearfield/engine';
import { analysisLines, planLines } from '@nearfield/server/internals/cli/plan-lines';
import t from 'tap';

const WALK: SegmentStep = { kind: 'walk', effort: 40, budget: 1000 };

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
      steps: [WALK, { kind: 'scan' }],
      segments: [
        {
          kind: 'segment',
          vectors: 30_000,
          matching: 15_000,
          costsFrom: 'segment',
          step: WALK,
          recall: 0.944,
          cost: 400,
          computed: 800,
          alternatives: [{ step: { kind: 'scan' }, recall: 1, cost: 1200, computed: 15_000 }],
        },
        {
          kind: 'segment',
          vectors: 3000,
          matching: 3000,
          costsFrom: 'machine',
          step: { kind: 'scan' },
          recall: 1,
          cost: 10,
          computed: 3000,
          alternatives: [],
        },
      ],
      unsealed: { vectors: 1000, cost: 5 },
      exact: false,
      doubted: false,
      recall: 0.95123,
      cost: 415,
    },
  ],
  fusion: undefined,
  limit: 10,
  offset: 0,
  minScore: undefined,
};

t.test('a plan says what is done to each segment, and what is expected', async (t) => {
  t.strictSame(planLines(PLAN), [
    'graph-walk: recall 0.951, 34 000 rows, limit 10, offset 0',
    '  dense vector meaning, weight 1, limit 10, vectors 34 000, recall 0.951, about 0.4 ms',
    '    segment of 30 000 vectors, 15 000 match: walk with effort 40, recall 0.944, about 0.4 ms',
    '      not scan, exact, about 1.2 ms',
    '    segment of 3 000 vectors: scan, exact, about 0.0 ms, measured on this machine alone',
    '    1 000 unsealed vectors: scan, about 0.0 ms',
  ]);
});

t.test('a plan says how many records are expected to pass the filter, and an executed one how many did', async (t) => {
  const filter = { kind: 'filter-rows', filter: { kind: 'all' }, columns: ['year'], payloads: ['extra'] } as const;
  const estimate = { min: 0, expected: 1200.4, max: 34_000 };
  const lineOf = (node: QueryPlan['filter']) => planLines({ ...PLAN, filter: node }).at(-2);
  t.equal(
    lineOf({ ...filter, estimate, matches: undefined }),
    '  filter-rows by column year, payload extra, about 1 200, 0 to 34 000 match',
  );
  t.match(lineOf({ ...filter, estimate, matches: 1500 }), /0 to 34 000 match, actual: 1 500$/);
  t.match(lineOf({ ...filter, estimate: { min: 7, expected: 7, max: 7 }, matches: undefined }), /extra, 7 match$/);
});

t.test('a plan that scans everything is exact', async (t) => {
  const [leg] = PLAN.legs;
  const legs = [{ ...leg, steps: [], segments: [], exact: true, recall: 1 }] as QueryPlan['legs'];
  const lines = planLines({ ...PLAN, strategy: 'exact-scan', exact: true, recall: 1, legs });
  t.match(lines[0], /^exact-scan: exact, /);
  t.match(lines[1], /vectors 34 000, exact, about 0\.4 ms$/);
});

t.test('an analysis puts what the parts came to beside what was expected', (t) => {
  const part = {
    computed: 800,
    hops: 60,
    found: 10,
    micros: 350,
    completed: false,
    skipped: false,
    done: 1,
    refused: 0,
    about: 'usual' as const,
  };
  const analysis: SearchAnalysis = {
    kind: 'search-analysis',
    plan: PLAN,
    info: { exact: false, recall: 0.951, matches: 34_000, strategy: 'graph-walk', tookMs: 0.61 },
    hits: 10,
    recall: 0.9,
    stages: [
      { stage: 'plan', ms: 0.01 },
      { stage: 'segments', ms: 0.5 },
    ],
    legs: [{ vector: 'meaning', segments: [part, { ...part, completed: true }, { ...part, hops: 0 }] }],
  };
  const lines = analysisLines(analysis);
  t.equal(lines[4], '      actual: 800 distances, 60 hops, 10 found, 0.3 ms');
  t.match(lines[6], /0\.3 ms, completed by a scan$/);
  const cut = { ...part, skipped: true, done: 0.5 };
  const late = analysisLines({ ...analysis, legs: [{ vector: 'meaning', segments: [cut, cut, cut] }] });
  t.match(late[4], /10 found, 0\.3 ms, ended as the time was up$/);
  const none = { ...cut, computed: 0, hops: 0, found: 0, done: 0 };
  const out = analysisLines({ ...analysis, legs: [{ vector: 'meaning', segments: [none, none, none] }] });
  t.match(out[4], /left out, as the time was up$/);
  t.same(lines.slice(-2), [
    'actual: graph-walk, 10 hits, recall 0.900 (expected 0.951), 0.6 ms',
    '  plan 0.0 ms, segments 0.5 ms',
  ]);
  t.end();
});
