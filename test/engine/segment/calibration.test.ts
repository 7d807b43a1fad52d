import { join } from 'node:path';
import { mock } from 'node:test';
import t from 'tap';
import { open, type Database } from '@nearfield/engine';
import { parseMachineTimes } from '@nearfield/engine/internals/indexes/index';
import { turn } from './small-segments.js';

const schema = { vectors: { v: { dimensions: 2 } } } as const;
const query = { near: { vector: 'v', value: Float32Array.of(1, 0) } } as const;

function stored(db: Database): { machine: string; times: string }[] {
  return db.sql.prepare('SELECT machine, times FROM nf_machines').all() as { machine: string; times: string }[];
}

t.test('a machine is measured once a file, and known to whoever opens it then', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const first = await open(path, { threads: 1 });
  t.same(stored(first), []);
  await first.context.calibration.calibrate();
  const [{ machine, times }] = stored(first);
  const { machines } = first.context.calibration;
  t.equal(machine, machines.here);
  t.ok(parseMachineTimes(JSON.parse(times)), times);
  t.same(machines.times.get(machine), JSON.parse(times));
  await first.close();
  for (const readOnly of [false, true]) {
    const again = await open(path, { threads: 1, readOnly });
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
  const db = await open(path, { threads: 1 });
  const { calibration, builder } = db.context;
  builder.cancel();
  await calibration.calibrate();
  t.same(stored(db), []);
  await db.close();
});

t.test('entries that cannot be are passed over, and those of other machines kept', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const first = await open(path, { threads: 1 });
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
  const again = await open(path, { threads: 1 });
  t.teardown(() => again.close());
  t.same([...again.context.calibration.machines.times.keys()], ['another']);
  await again.context.calibration.calibrate();
  t.same([...again.context.calibration.machines.times.keys()].sort(), ['another', here].sort());
  t.equal(stored(again).length, 6);
});
