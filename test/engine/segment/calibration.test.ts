import { join } from 'node:path';
import { mock } from 'node:test';
import t from 'tap';
import { open, type Database, type OpenOptions } from '@nearfield/engine';
import { USUAL_TIMES, parseMachineTimes } from '@nearfield/engine/internals/indexes/index';
import { scanCost, timesOf } from '@nearfield/engine/internals/plan/cost-model';
import { SCHEMA, VECTORS, openSmall, records, turn } from './small-segments.js';

const schema = { vectors: { v: { dimensions: 2 } } } as const;
const query = { near: { vector: 'v', value: Float32Array.of(1, 0) } } as const;

/** Opens a file that is not measured unless the test says so. */
async function openStill(path: string, options: OpenOptions = {}): Promise<Database> {
  const db = await openSmall(path, { threads: 1, ...options });
  await db.context.calibration.close();
  return db;
}

function stored(db: Database): { machine: string; times: string }[] {
  return db.sql.prepare('SELECT machine, times FROM nf_machines').all() as { machine: string; times: string }[];
}

t.test('a machine is measured once a file, and known to whoever opens it then', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const first = await openStill(path);
  t.same(stored(first), []);
  await first.context.calibration.calibrate();
  const [{ machine, times }] = stored(first);
  const { machines } = first.context.calibration;
  t.equal(machine, machines.here);
  t.ok(parseMachineTimes(JSON.parse(times)), times);
  t.same(machines.times.get(machine), JSON.parse(times));
  await first.close();
  for (const readOnly of [false, true]) {
    const again = await openStill(path, { readOnly });
    t.same(again.context.calibration.machines, machines);
    await again.close();
  }
});

t.test('it is measured when nothing else has been to do for a while, and no search waits for it', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const db = await open(join(t.testdir(), 'a.nf'), { threads: 1 });
  t.teardown(() => db.close());
  const rows = await db.collection('rows', schema);
  await rows.upsert({ id: 1, vectors: { v: Float32Array.of(1, 0) } });
  t.equal((await rows.search(query)).hits.length, 1);
  const { calibration, builder } = db.context;
  const idle = mock.getter(builder, 'isIdle', () => false);
  mock.timers.tick(1000);
  t.same(stored(db), [], 'while something is built, it waits');
  idle.mock.restore();
  mock.timers.tick(1000);
  while (calibration.machines.times.size === 0) await turn();
  t.equal(stored(db).length, 1);
});

t.test('a reader and a database in memory measure nothing', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  await (await open(path)).close();
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  for (const db of [await open(path, { readOnly: true }), await open(':memory:')]) {
    const tasks = mock.method(db.context.builder.pool, 'run');
    mock.timers.tick(10_000);
    t.equal(tasks.mock.callCount(), 0);
    t.same(stored(db), []);
    await db.close();
  }
});

t.test('closing ends a measurement', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const db = await openStill(path);
  const { calibration, builder } = db.context;
  builder.cancel();
  await calibration.calibrate();
  t.same(stored(db), []);
  await db.close();
});

t.test('entries that cannot be are passed over, and those of other machines kept', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const first = await openStill(path);
  await first.context.calibration.calibrate();
  const { here, times } = first.context.calibration.machines;
  const measured = times.get(here)!;
  const keep = first.sql.prepare('INSERT OR REPLACE INTO nf_machines VALUES (?, ?)');
  keep.run('another', JSON.stringify({ ...measured, hop: measured.hop * 1.5 }));
  keep.run('torn', '{"hop":');
  keep.run('empty', '{}');
  keep.run('part', JSON.stringify({ ...measured, distance: { none: 1 } }));
  keep.run('nothing', 'null');
  keep.run(here, JSON.stringify({ ...measured, scannedByte: -1 }));
  await first.close();
  const again = await openStill(path);
  t.teardown(() => again.close());
  t.same([...again.context.calibration.machines.times.keys()], ['another']);
  await again.context.calibration.calibrate();
  t.same([...again.context.calibration.machines.times.keys()].sort(), ['another', here].sort());
  t.equal(stored(again).length, 6);
});

t.test(
  'plans of what is not sealed follow from it, and those of sealed segments from what was timed on them',
  async (t) => {
    const path = join(t.testdir(), 'a.nf');
    const db = await openStill(path);
    const rows = await db.collection('rows', SCHEMA);
    await rows.upsert(records(0, 2000));
    await db.optimize();
    await rows.upsert(records(2000, 2200));
    const { here } = db.context.calibration.machines;
    const plan = async (of = rows) => (await of.explain({ near: { vector: 'v', value: VECTORS[3] } })).legs[0];
    const before = await plan();
    await db.context.calibration.calibrate();
    const { machines } = db.context.calibration;
    const after = await plan();
    t.match(before, { segments: [{ costsFrom: 'segment' }] });
    t.same({ ...after, unsealed: undefined, cost: 0 }, { ...before, unsealed: undefined, cost: 0 });
    const shape = { dimensions: 8, quantization: 'none', inMemory: true } as const;
    for (const [leg, times] of [
      [before, new Map()],
      [after, machines.times],
    ] as const) {
      t.match(leg, { unsealed: { cost: scanCost(shape, timesOf({ here, times }), 200, 200) } });
    }
    await db.close();
    const reader = await openSmall(path, { readOnly: true });
    t.teardown(() => reader.close());
    t.same(await plan(await reader.collection('rows', SCHEMA)), after);
  },
);

t.test('what was timed on a segment names the machine, and takes no less for more effort', async (t) => {
  const db = await openSmall(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  await rows.upsert(records(0, 2000));
  await db.optimize();
  const { core } = (await db.checksOf('rows'))!;
  const [{ measured }] = core.live.current.dense.get('v')!.view.sealed;
  const { machine, scan, scanMatching } = measured.timed!;
  t.equal(machine, db.context.calibration.machines.here);
  for (const points of [
    scan,
    scanMatching,
    measured.curve.map(({ effort, micros }) => ({ matching: effort, micros })),
  ]) {
    t.ok(points.every(({ micros }) => micros! > 0));
    t.ok(points.every(({ matching }, i) => i === 0 || matching > points[i - 1].matching));
  }
  t.ok(measured.curve.every(({ micros }, i) => i === 0 || micros! >= measured.curve[i - 1].micros!));
  t.equal(scan.at(-1)!.matching, 2000);
});

t.test('times are whole and possible, or none', async (t) => {
  t.same(parseMachineTimes(JSON.parse(JSON.stringify(USUAL_TIMES))), USUAL_TIMES);
  for (const times of [
    undefined,
    [],
    { ...USUAL_TIMES, hop: undefined },
    { ...USUAL_TIMES, hop: '1' },
    { ...USUAL_TIMES, hop: Number.NaN },
    { ...USUAL_TIMES, hop: 101 * USUAL_TIMES.hop },
    { ...USUAL_TIMES, distance: { ...USUAL_TIMES.distance, int8: 0 } },
  ]) {
    t.equal(parseMachineTimes(times), undefined);
  }
});

t.test('what cannot be kept holds all the same, until the database is closed', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const db = await openStill(path);
  db.sql.exec('BEGIN IMMEDIATE');
  await db.context.calibration.calibrate();
  t.equal(db.context.calibration.machines.times.size, 1);
  db.sql.exec('ROLLBACK');
  t.same(stored(db), []);
  await db.close();
});
