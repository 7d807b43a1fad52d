import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import t, { type Test } from 'tap';
import type { Database } from '@nearfield/engine';
import { OtherProcess } from '../store/other-process.js';
import {
  SCHEMA,
  SMALL_LIMITS,
  VECTORS,
  checkRecords,
  expected,
  gate,
  openSmall,
  records,
  sealedSegments,
  settled,
  turn,
  type Rows,
} from './small-segments.js';

type Task = { readonly kind: string; readonly segment?: number };

const holdTask = (db: Database, kind: string) =>
  gate(
    db.context.builder.pool,
    'run',
    (task: Task) => task.kind === kind && (kind !== 'publish' || task.segment !== undefined),
  );

async function reopened(t: Test, db: Database, path: string): Promise<Rows> {
  await db.close();
  const again = await openSmall(path);
  t.teardown(() => again.close());
  return again.collection('rows', SCHEMA);
}

t.test('what is deleted and replaced while a segment is made of it is not served, before and after', async (t) => {
  for (const kind of ['build', 'finish', 'publish']) {
    await t.test(`held before ${kind}`, async (t) => {
      const path = join(t.testdir(), 'a.nf');
      const db = await openSmall(path);
      const rows = await db.collection('rows', SCHEMA);
      const { reached, open } = holdTask(db, kind);
      await rows.upsert(records(0, 500));
      const optimizing = db.optimize();
      await reached;
      await rows.delete(Array.from({ length: 100 }, (_, id) => id));
      await rows.upsert(records(100, 150, 1000));
      await rows.add(records(600, 650));
      const model = new Map([...expected(150, 500), ...expected(100, 150, 1000), ...expected(600, 650)]);
      await checkRecords(rows, model);
      t.equal(await sealedSegments(rows), 0, 'the segment is not there yet');
      open();
      await optimizing;
      t.equal(await sealedSegments(rows), 1);
      await checkRecords(rows, model);
      const after = await reopened(t, db, path);
      t.equal(await sealedSegments(after), 1, 'and is read again');
      await checkRecords(after, model);
    });
  }
});

t.test('a table is rewritten while a segment is made, which is stored all the same', async (t) => {
  for (const kind of ['build', 'publish']) {
    await t.test(`held before ${kind}`, async (t) => {
      const path = join(t.testdir(), 'a.nf');
      const db = await openSmall(path);
      const rows = await db.collection('rows', SCHEMA);
      const { reached, open } = holdTask(db, kind);
      await rows.upsert(records(0, 500));
      await rows.upsert(records(500, 510));
      await reached;
      // Rows without vectors: the segment stays as it is.
      const others = Array.from({ length: 1500 }, (_, i) => ({ id: 10_000 + i }));
      for (let round = 0; round < 4; round++) await rows.upsert(others);
      while ((await rows.stats()).rows === 510 + 4 * 1500) await turn();
      await rows.delete(others.map(({ id }) => id));
      await checkRecords(rows, expected(0, 510));
      open();
      await settled(rows);
      t.equal(await sealedSegments(rows), 1);
      await checkRecords(rows, expected(0, 510));
      const after = await reopened(t, db, path);
      t.equal(await sealedSegments(after), 1, 'it is read again');
      await checkRecords(after, expected(0, 510));
    });
  }
});

t.test('searches on threads are right while segments come and go', async (t) => {
  const db = await openSmall(':memory:');
  t.teardown(() => db.close());
  const schema = { vectors: { v: { dimensions: 96, metric: 'dot', hnsw: { m: 8, efConstruction: 40 } } } } as const;
  const rows = await db.collection('rows', schema);
  const unit = (id: number) => Float32Array.from({ length: 96 }, (_, i) => VECTORS[id + (i >> 3)][i & 7]);
  const record = (id: number) => ({ id, vectors: { v: unit(id) } });
  await rows.upsert(Array.from({ length: 1500 }, (_, id) => record(id)));
  let elsewhere = 0;
  const { searchers } = db.context;
  const search = searchers.elsewhere.bind(searchers);
  searchers.elsewhere = (searches) => {
    elsewhere += searches.length;
    return search(searches);
  };
  const queries = Array.from({ length: 200 }, (_, i) => {
    return { near: { vector: 'v', value: unit(1700 + i) }, limit: 10, select: [], exact: i % 2 === 0 } as const;
  });
  const truth = (value: Float32Array, alive: ReadonlySet<number>) => {
    const dot = (id: number) => unit(id).reduce((sum, x, i) => sum + x * value[i], 0);
    return [...alive].map((id) => [id, dot(id)] as const).sort((a, b) => b[1] - a[1])[0];
  };
  const stay = new Set(Array.from({ length: 1500 }, (_, id) => id).filter((id) => id % 3 !== 0));
  const progress = { done: false };
  const changing = (async () => {
    for (let id = 0; id < 1500; id += 3) {
      await rows.delete(id);
      if (id % 300 === 0) await db.optimize();
    }
    progress.done = true;
  })();
  for (let round = 0; round < 3 || !progress.done; round++) {
    const results = await rows.searchBatch(queries);
    for (const { hits } of results) if (hits.length !== 10) throw new Error(`${hits.length} hits`);
  }
  await changing;
  for (const [i, { hits, info }] of (await rows.searchBatch(queries)).entries()) {
    const [id, score] = truth(queries[i].near.value, stay);
    for (const hit of hits) if (!stay.has(hit.id as number)) throw new Error(`record ${hit.id} is dead`);
    if (info.exact && (hits[0].id !== id || Math.abs(hits[0].score - score) > 1e-4)) throw new Error(`query ${i}`);
  }
  t.ok(elsewhere > 0, `${elsewhere} searches ran on threads`);
});

t.test('close ends what runs in the background, and the next opener takes it up', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const db = await openSmall(path);
  const rows = await db.collection('rows', SCHEMA);
  const others = await db.collection('others', SCHEMA);
  const { reached, open } = holdTask(db, 'build');
  for (const collection of [rows, others]) {
    await collection.upsert(records(0, 500));
    await collection.upsert(records(500, 501));
  }
  await reached;
  const closing = db.close();
  open();
  await closing;
  const again = await openSmall(path);
  t.equal(again.sql.prepare('SELECT count(*) FROM nf_segments').pluck().get(), 0, 'nothing half made is left');
  const later = await again.collection('rows', SCHEMA);
  await settled(later);
  await again.optimize();
  t.equal(await sealedSegments(later), 1);
  await checkRecords(later, expected(0, 501));
  await again.close();
});

t.test('a collection is dropped while its vectors are sealed', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const db = await openSmall(path);
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  const others = await db.collection('others', SCHEMA);
  await others.upsert(records(0, 100));
  const { reached, open } = holdTask(db, 'finish');
  await rows.upsert(records(0, 500));
  await rows.upsert(records(500, 501));
  await reached;
  const dropping = db.dropCollection('rows');
  open();
  await dropping;
  t.same(await db.collections(), ['others']);
  await t.rejects(rows.count(), { code: 'COLLECTION_NOT_FOUND' });
  t.equal(db.sql.prepare('SELECT count(*) FROM nf_segments').pluck().get(), 0);
  t.equal(db.sql.prepare('SELECT count(*) FROM nf_frames').pluck().get(), 0);
  const anew = await db.collection('rows', SCHEMA);
  await anew.upsert(records(0, 300, 1000));
  await db.optimize();
  await checkRecords(anew, expected(0, 300, 1000));
  await checkRecords(others, expected(0, 100));
});

t.test('readers in this and another process see sealed segments, and follow', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const db = await openSmall(path);
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  await rows.upsert(records(0, 300));
  const reader = await openSmall(path, { readOnly: true });
  t.teardown(() => reader.close());
  const read = await reader.collection('rows', SCHEMA);
  const other = new OtherProcess(t);
  await other.call('open', path, { readOnly: true });
  await other.call('collection', 'rows');
  const model = expected(0, 300);
  for (let round = 0; round < 4; round++) {
    await rows.delete([round, 100 + round]);
    for (const id of [round, 100 + round]) model.delete(id);
    await rows.upsert(records(300 + round * 100, 400 + round * 100));
    for (const [id, vector] of expected(300 + round * 100, 400 + round * 100)) model.set(id, vector);
    if (round % 2 === 0) await db.optimize();
    await rows.upsert(records(50, 60, 1000 + round * 100));
    for (const [id, vector] of expected(50, 60, 1000 + round * 100)) model.set(id, vector);
    await checkRecords(read, model);
    t.ok((await sealedSegments(read)) >= 1, 'the reader has the graph');
    t.equal(await other.call('count'), model.size);
    for (const id of [55, 250, 350 + round * 100]) {
      const near = { vector: 'v', value: [...VECTORS[model.get(id)!]] };
      t.same(await other.call('ids', { near, limit: 1, select: [] }), [id]);
    }
  }
  await other.call('close');
});

t.test('all that makes a segment is a task of the threads for it', async (t) => {
  const db = await openSmall(join(t.testdir(), 'a.nf'));
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  const { pool } = db.context.builder;
  const run = pool.run.bind(pool);
  const kinds: string[] = [];
  pool.run = (task) => {
    kinds.push(task.kind);
    return run(task);
  };
  const tasksOf = async (first: number, end: number) => {
    kinds.length = 0;
    await rows.upsert(records(first, end));
    await db.optimize();
    return kinds.filter((kind) => kind !== 'shrink');
  };
  t.same(await tasksOf(0, 500), ['build', 'finish', 'publish']);
  t.same(await tasksOf(500, 1000), ['build', 'insert', 'insert', 'finish', 'publish'], 'where it grows, all insert');
  t.equal(await sealedSegments(rows), 1);
});

t.test('calls of optimize after few writes each leave one unsealed segment', async (t) => {
  const db = await openSmall(':memory:', {}, { ...SMALL_LIMITS, minVectors: 1000 });
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  for (let id = 0; id < 40; id++) {
    await rows.upsert(records(id, id + 1));
    await db.optimize();
  }
  t.same(
    (await rows.stats()).vectors.v.segments!.map(({ kind, vectors }) => [kind, vectors]),
    [['flat', 40]],
  );
});

t.test('segments are merged while writes go on', async (t) => {
  const db = await openSmall(':memory:', {}, { ...SMALL_LIMITS, flatBytes: 50 * 32, maxSegments: 4 });
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  let most = 0;
  for (let id = 0; id < 3000; id += 50) {
    await rows.upsert(records(id, id + 50));
    await settled(rows);
    most = Math.max(most, await sealedSegments(rows));
  }
  // One more than may stay, until the next merge has come to an end.
  t.ok(most <= 5, `${most} segments at most`);
  await checkRecords(rows, expected(0, 3000));
});

t.test('vectors of records that are gone leave the file', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const db = await openSmall(path);
  const rows = await db.collection('rows', SCHEMA);
  await rows.upsert(records(0, 100));
  await rows.delete(Array.from({ length: 60 }, (_, i) => 40 + i));
  const after = await reopened(t, db, path);
  await settled(after);
  await checkRecords(after, expected(0, 40));
  const sql = new SQLite(path, { readonly: true });
  t.teardown(() => sql.close());
  t.equal(sql.prepare('SELECT count(*) FROM nf_dense_1').pluck().get(), 40);
});
