import t from 'tap';
import {
  expectedWalk,
  type EffortPoint,
  type MeasuredEffort,
  type WalkKind,
} from '@nearfield/engine/internals/indexes/index';

const point = (effort: number, micros?: number): EffortPoint => ({
  effort,
  recall: 1 - 1 / effort,
  computed: 20 * effort,
  hops: effort,
  ...(micros === undefined ? {} : { micros }),
});

const MEASURED: MeasuredEffort = {
  curve: [point(16, 40), point(64, 100)],
  filtered: [
    { kind: 'walk', share: 0.25, curve: [point(16, 160), point(64, 400)] },
    { kind: 'walk-inside', share: 0.25, curve: [point(16, 100), point(64, 300)] },
    { kind: 'walk-inside', share: 0.0625, curve: [point(16, 25), point(64, 75)] },
  ],
};

function micros(measured: MeasuredEffort, kind: WalkKind, share: number, effort: number): number | undefined {
  const expected = expectedWalk(measured, kind, share, { recall: 0.9, effort, limit: 10 })?.micros;
  // Logarithms are not exact.
  return expected && Number(expected.toFixed(6));
}

t.test('the time of a walk lies between what was measured for the efforts and shares around it', async (t) => {
  t.equal(micros(MEASURED, 'walk', 1, 32), 70);
  t.equal(micros(MEASURED, 'walk', 1, 8), 40, 'it takes no less than the least');
  t.equal(micros(MEASURED, 'walk', 1, 128), 200, 'beyond the greatest it grows in proportion');
  t.equal(micros(MEASURED, 'walk', 0.5, 16), 80);
  t.equal(micros(MEASURED, 'walk', 0.125, 16), 320, 'and so it does where less matches than was measured');
  t.equal(micros(MEASURED, 'walk-inside', 0.125, 64), 150);
});

t.test('where a point was not timed, no time is known', async (t) => {
  const curve = [point(16, 40), point(64)];
  t.equal(micros({ curve }, 'walk', 1, 16), undefined);
  t.equal(micros({ ...MEASURED, curve }, 'walk', 0.5, 16), undefined);
  t.equal(micros({ curve }, 'walk', 0.5, 16), undefined);
});
