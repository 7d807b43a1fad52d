import t from 'tap';
import { USUAL_TIMES, type MachineTimes, type MeasuredTimes } from '@nearfield/engine/internals/indexes/index';
import {
  inlineCost,
  listedScanCost,
  scanCost,
  timesOf,
  walkCost,
  type VectorShape,
} from '@nearfield/engine/internals/plan/cost-model';

const SHAPE: VectorShape = { dimensions: 100, quantization: 'int8', inMemory: true };
const ON_FILE: VectorShape = { ...SHAPE, inMemory: false };

/** A machine that takes so many times as long as is usual, in everything. */
function machine(times: number): MachineTimes {
  return JSON.parse(JSON.stringify(USUAL_TIMES), (_key, value: unknown) =>
    typeof value === 'number' ? value * times : value,
  ) as MachineTimes;
}

const KNOWN = {
  here: 'slow',
  times: new Map([
    ['fast', machine(1)],
    ['slow', machine(3)],
  ]),
};
const MEASURED: MeasuredTimes = {
  machine: 'fast',
  scan: [
    { matching: 10, micros: 100 },
    { matching: 1000, micros: 300 },
  ],
  scanMatching: [
    { matching: 10, micros: 5 },
    { matching: 110, micros: 25 },
    { matching: 1000, micros: 200 },
  ],
};
const WORK = { computed: 1000, hops: 60, read: 0 };

t.test('what was measured on a segment counts, between its points and beyond them', (t) => {
  const times = timesOf({ ...KNOWN, here: 'fast' }, MEASURED);
  t.equal(times.source, 'segment');
  const listed = [0, 10, 60, 110, 1000, 2000].map((matching) => listedScanCost(SHAPE, times, 1000, matching));
  t.same(listed, [5, 5, 15, 25, 200, 400]);
  t.equal(scanCost(SHAPE, times, 1000, 505), 200);
  t.equal(walkCost(SHAPE, times, { ...WORK, micros: 77 }), 77);
  t.end();
});

t.test('what was measured on another machine is changed in proportion, if both are known', (t) => {
  const times = timesOf(KNOWN, MEASURED);
  t.equal(times.source, 'segment-elsewhere');
  t.ok(Math.abs(listedScanCost(SHAPE, times, 1000, 110) - 75) < 1e-9);
  t.ok(Math.abs(scanCost(SHAPE, times, 1000, 1000) - 900) < 1e-9);
  t.ok(Math.abs(walkCost(SHAPE, times, { ...WORK, micros: 77 }) - 231) < 1e-9);
  for (const here of ['unknown', 'slow']) {
    const unknown = timesOf({ here, times: new Map([[here, machine(3)]]) }, MEASURED);
    t.equal(unknown.source, 'segment');
    t.equal(listedScanCost(SHAPE, unknown, 1000, 110), 25);
  }
  t.end();
});

t.test('what was not measured is reckoned by the machine, or by what is usual', (t) => {
  const [usual, slow] = [timesOf({ ...KNOWN, here: 'unknown' }), timesOf(KNOWN)];
  t.same([usual.source, slow.source], ['usual', 'machine']);
  const few = timesOf({ ...KNOWN, here: 'fast' }, { ...MEASURED, scanMatching: [] });
  t.equal(listedScanCost(SHAPE, few, 1000, 10), listedScanCost(SHAPE, usual, 1000, 10));
  for (const shape of [SHAPE, ON_FILE, { ...SHAPE, quantization: 'none' } as const]) {
    for (const cost of [
      (times: typeof usual) => scanCost(shape, times, 1000, 10),
      (times: typeof usual) => scanCost(shape, times, 1000, 1000),
      (times: typeof usual) => listedScanCost(shape, times, 1000, 10),
      (times: typeof usual) => walkCost(shape, times, { ...WORK, micros: undefined }),
    ]) {
      t.ok(cost(usual) > 0);
      t.ok(Math.abs(cost(slow) / cost(usual) - 3) < 1e-9);
    }
  }
  t.end();
});

t.test('vectors in the file are not reckoned by what was measured in memory', (t) => {
  const times = timesOf({ ...KNOWN, here: 'fast' }, MEASURED);
  t.ok(scanCost(ON_FILE, times, 1000, 10) > 100);
  t.ok(listedScanCost(ON_FILE, times, 1000, 110) > 25);
  const read = { ...WORK, micros: 77, read: 26 };
  t.equal(walkCost(ON_FILE, times, read), 77 + 26 * USUAL_TIMES.fileVector, 'nor is what a walk reads there');
  t.end();
});

t.test(
  'a search leaves the calling thread from two milliseconds on, or from what handing it over takes, up to four',
  (t) => {
    const most = (handOver: number) => inlineCost({ here: 'a', times: new Map([['a', { ...USUAL_TIMES, handOver }]]) });
    t.same([50, 2500, 9000].map(most), [2000, 2500, 4000]);
    t.equal(inlineCost({ here: 'a', times: new Map() }), 2000);
    t.end();
  },
);
