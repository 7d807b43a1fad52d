import t from 'tap';
import { chooseStep, type StepQuestion } from '@nearfield/engine/internals/plan/choose-step';
import { timesOf } from '@nearfield/engine/internals/plan/cost-model';
import { segmentNodeFor } from '@nearfield/engine/internals/plan/segment-node';
import type { MeasuredEffort } from '@nearfield/engine/internals/indexes/index';

const curve = (recall: number, computed: number, hops: number) =>
  [16, 64, 256].map((effort, i) => ({
    effort,
    recall: Math.min(1, recall + i * 0.06),
    computed: computed * 4 ** i,
    hops: hops * 4 ** i,
  }));

const MEASURED: MeasuredEffort = {
  curve: curve(0.9, 400, 20),
  filtered: [
    { kind: 'walk', share: 0.5, curve: curve(0.92, 600, 40) },
    { kind: 'walk', share: 0.2, curve: curve(0.95, 1200, 90) },
    { kind: 'walk-inside', share: 0.5, curve: curve(0.9, 500, 300) },
    { kind: 'walk-inside', share: 0.05, curve: curve(0.9, 300, 400) },
  ],
};

const QUESTION: StepQuestion = {
  shape: { dimensions: 100, quantization: 'none', inMemory: true },
  measured: MEASURED,
  times: timesOf({ here: 'a machine', times: new Map() }),
  vectors: 340_000,
  matching: 340_000,
  filtered: false,
  rows: 340_000,
  limit: 10,
  exact: false,
  recall: 0.96,
  effort: undefined,
  forced: undefined,
};

const matching = (share: number, more: Partial<StepQuestion> = {}): StepQuestion => ({
  ...QUESTION,
  filtered: true,
  matching: Math.ceil(QUESTION.vectors * share),
  ...more,
});

t.test('each match rate has the step that costs least', (t) => {
  t.equal(chooseStep(QUESTION).step.kind, 'walk');
  t.equal(chooseStep(matching(0)).step.kind, 'skip');
  t.equal(chooseStep(matching(0.001)).step.kind, 'scan-matching');
  t.equal(chooseStep(matching(0.05)).step.kind, 'walk-inside');
  t.equal(chooseStep(matching(0.9)).step.kind, 'walk');
  t.equal(chooseStep({ ...QUESTION, vectors: 200, matching: 200 }).step.kind, 'scan');
  t.end();
});

t.test('what was not chosen is kept with its cost, which is no less', (t) => {
  for (const share of [0.001, 0.01, 0.05, 0.2, 0.5, 0.9]) {
    const { cost, alternatives } = chooseStep(matching(share));
    t.ok(alternatives.length >= 2);
    t.ok(alternatives.every((way) => way.cost >= cost));
  }
  t.end();
});

t.test('an exact answer, and a recall that no walk gives, are scanned for', (t) => {
  for (const share of [0.001, 0.05, 0.9]) {
    for (const asked of [{ exact: true }, { exact: true, forced: 'walk' as const }, { recall: 1.1 }]) {
      const { step, recall } = chooseStep(matching(share, asked));
      t.match(step.kind, /^scan/);
      t.equal(recall, 1);
    }
  }
  t.end();
});

t.test('more recall takes more effort, between the measured shares too', (t) => {
  for (const share of [0.06, 0.1, 0.3]) {
    const efforts = [0.91, 0.95, 0.99].map((recall) => {
      const { step } = chooseStep(matching(share, { recall, forced: 'walk-inside' }));
      return step.kind === 'walk-inside' ? step.effort : 0;
    });
    t.same(
      efforts,
      [...efforts].sort((a, b) => a - b),
      `${efforts}`,
    );
    t.ok(efforts[0] >= 16);
  }
  t.end();
});

t.test('a walk under a filter has a budget, of no less than it is expected to use', (t) => {
  for (const forced of ['walk', 'walk-inside'] as const) {
    const { step } = chooseStep(matching(0.1, { forced }));
    t.ok('budget' in step && step.budget > 400 && step.budget < QUESTION.vectors, JSON.stringify(step));
  }
  const { step } = chooseStep(QUESTION);
  t.ok('budget' in step && step.budget === 0xffffffff);
  t.end();
});

t.test('a segment without measured filters is walked through all nodes or scanned', (t) => {
  for (const share of [0.01, 0.1, 0.9]) {
    const { step } = chooseStep(matching(share, { measured: { curve: MEASURED.curve } }));
    t.not(step.kind, 'walk-inside');
  }
  t.end();
});

t.test('a walk that is insisted on says what it gives, where that is less than is wanted', (t) => {
  for (const share of [0.01, 0.05, 0.5]) {
    const { step, recall } = chooseStep(matching(share, { recall: 1.1, forced: 'walk-inside' }));
    t.equal(step.kind, 'walk-inside');
    t.ok(recall < 1.1 && recall > 0.9, `${recall}`);
  }
  t.end();
});

t.test('a walk away from what matches gives up, unless it is known to give the recall there', (t) => {
  const effortOf = (more: Partial<StepQuestion>) => {
    const { step, recallAbout } = chooseStep(matching(0.1, { forced: 'walk-inside', recall: 0.95, ...more }));
    return { effort: 'around' in step ? step.around?.far.effort : undefined, recall: recallAbout?.far };
  };
  t.same(effortOf({}), { effort: 0, recall: 1 });
  const far = [16, 64, 256].map((effort, i) => ({ effort, recall: [0.8, 0.9, 0.995][i], computed: 100, hops: 10 }));
  const measured = {
    ...MEASURED,
    filtered: [...MEASURED.filtered!, { kind: 'walk-inside-far' as const, share: 0.1, curve: far }],
  };
  const known = effortOf({ measured });
  t.ok(known.effort! > 64 && known.effort! <= 256, `${known.effort}`);
  t.ok(known.recall! >= 0.95 && known.recall! < 0.97, 'it expects less than was measured');
  t.same(effortOf({ measured, recall: 0.999 }), { effort: 0, recall: 1 });
  t.end();
});

t.test(
  'by binary codes a walk stays inside the bitmap, and says by what was measured whether it is in a right place',
  (t) => {
    const shape = { ...QUESTION.shape, quantization: 'binary' as const };
    const inside = [0.05, 0.5].map((share) => ({
      kind: 'walk-inside' as const,
      share,
      curve: curve(0.9, 500, 300).map((point) => ({ ...point, together: 0.6 * share })),
    }));
    const measured = {
      ...MEASURED,
      filtered: [...MEASURED.filtered!.filter(({ kind }) => kind === 'walk'), ...inside],
    };
    const chosen = (more: Partial<StepQuestion>) => chooseStep(matching(0.5, { shape, measured, ...more }));
    const { step, alternatives } = chosen({});
    t.match(step, { kind: 'walk-inside', around: { inside: 0.3, dense: { through: true } } });
    t.notOk(alternatives.some((way) => way.step.kind === 'walk'));
    t.equal(chosen({ forced: 'walk' }).step.kind, 'walk');
    const plain = chosen({ shape: QUESTION.shape, forced: 'walk-inside' });
    t.match(plain.step, { kind: 'walk-inside', around: { dense: { through: false } } });
    const [low, high] = [0.1, 0.3].map((share) => {
      const { step } = chosen({ matching: share * QUESTION.vectors });
      return 'around' in step ? step.around!.inside : 0;
    });
    t.ok(0.03 < low && low < high && high < 0.3, 'between the measured shares it lies between');
    t.end();
  },
);

t.test('where all about a query matches, a walk inside takes what was measured for that, where something was', (t) => {
  const easy = [16, 64, 256].map((effort, i) => ({ effort, recall: [0.955, 0.99, 1][i], computed: 100, hops: 10 }));
  const dense = { kind: 'walk-inside-dense' as const, share: 0.1, curve: easy };
  const measured = { ...MEASURED, filtered: [...MEASURED.filtered!, dense] };
  const denseEffort = (more: Partial<StepQuestion>) => {
    const { step, recallAbout } = chooseStep(matching(0.1, { measured, forced: 'walk-inside', recall: 0.95, ...more }));
    return { effort: 'around' in step ? step.around?.dense.effort : undefined, recall: recallAbout?.dense };
  };
  const unfiltered = denseEffort({ measured: MEASURED }).effort!;
  t.same(denseEffort({}), { effort: 16, recall: 0.955 });
  t.ok(unfiltered > 16, `else ${unfiltered}`);
  t.equal(denseEffort({ forced: 'walk' }).effort, unfiltered);
  t.ok(denseEffort({ recall: 0.99 }).effort! > unfiltered, 'nearly all that is asked for takes no less than elsewhere');
  const binary = { ...QUESTION.shape, quantization: 'binary' as const };
  t.ok(denseEffort({ shape: binary }).effort! >= unfiltered, 'nor by bits');
  t.end();
});

t.test('where all about a query matches, a walk takes what it would without a filter, and no more', (t) => {
  const hard = [16, 64, 256].map((effort, i) => ({ effort, recall: [0.7, 0.8, 1][i], computed: 100, hops: 10 }));
  const measured = { ...MEASURED, filtered: [{ kind: 'walk-inside' as const, share: 0.1, curve: hard }] };
  const dense = (recall: number) => {
    const { step, recallAbout } = chooseStep(matching(0.1, { measured, recall, forced: 'walk-inside' }));
    const unfiltered = chooseStep({ ...QUESTION, recall }).step;
    const { effort, around } = step as { effort: number; around: { dense: { effort: number } } };
    return {
      usual: effort,
      dense: around.dense.effort,
      free: 'effort' in unfiltered ? unfiltered.effort : 0,
      recallAbout,
    };
  };
  const some = dense(0.95);
  t.ok(some.dense === some.free && some.free < some.usual, JSON.stringify(some));
  t.ok(some.recallAbout!.dense >= 0.95 && some.recallAbout!.dense < 0.97, 'it is expected to give what is asked for');
  const nearlyAll = dense(0.99);
  t.ok(nearlyAll.dense >= nearlyAll.usual, 'but where few may be missed, no less than elsewhere');
  t.end();
});

t.test('what was asked lately is not worked out anew, and what differs in anything is', (t) => {
  const measured = { ...MEASURED };
  const asked = matching(0.1, { measured });
  const first = segmentNodeFor(asked);
  t.match(first, { kind: 'segment', vectors: asked.vectors, matching: asked.matching, costsFrom: 'usual' });
  t.equal(segmentNodeFor({ ...asked, shape: { ...asked.shape }, times: { ...asked.times } }), first);
  const others: Partial<StepQuestion>[] = [
    { measured: { ...MEASURED } },
    { shape: { ...asked.shape, inMemory: false } },
    { shape: { ...asked.shape, quantization: 'binary' } },
    { shape: { ...asked.shape, dimensions: 99 } },
    { times: { ...asked.times, source: 'machine' } },
    { times: { ...asked.times, here: { ...asked.times.here } } },
    { times: { ...asked.times, there: { ...asked.times.there } } },
    { times: { ...asked.times, measured: { machine: 'a machine', scan: [], scanMatching: [] } } },
    { vectors: 339_999 },
    { matching: 33_999 },
    { filtered: false },
    { rows: 340_001 },
    { limit: 11 },
    { exact: true },
    { recall: 0.97 },
    { effort: 40 },
    { forced: 'scan' },
  ];
  for (const other of others) {
    const question = { ...asked, ...other };
    const node = segmentNodeFor(question);
    t.not(node, first, Object.keys(other).join());
    t.match(node, { ...chooseStep(question), costsFrom: question.times.source });
  }
  t.not(segmentNodeFor(asked), first, 'what was asked long ago is forgotten');
  t.end();
});
