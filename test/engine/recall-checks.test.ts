import { join } from 'node:path';
import { mock } from 'node:test';
import t from 'tap';
import { open, type Collection, type Database, type SchemaInput } from '@nearfield/engine';
import { seededRandom } from './filter/random-filter.js';
import { goByFixedTimes } from './segment/fixed-times.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 5);
const ROWS = 9000;
const DIMENSIONS = 24;
/** Searches between two that are kept for a check. */
const ONE_IN = 16;

const random = seededRandom(SEED);
const gaussian = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const point = (spread: number) => Float32Array.from({ length: DIMENSIONS }, () => spread * gaussian());
const POINTS = Array.from({ length: ROWS }, () => point(1));
/** Far outside of all vectors, where graphs are walked with less success than among them. */
const outside = () => point(8);

// Checks run when a test has them run, however long its searches take.
mock.timers.enable({ apis: ['setTimeout'] });
t.teardown(() => mock.timers.reset());

async function filled(db: Database): Promise<Collection> {
  const space = { dimensions: DIMENSIONS, metric: 'euclidean', hnsw: { m: 6, efConstruction: 40 } } as const;
  const schema: SchemaInput = { fields: { n: 'integer' }, vectors: { v: space } };
  const rows: Collection = await db.collection('rows', schema);
  await rows.upsert(POINTS.map((v, id) => ({ id, n: id % 100, vectors: { v } })));
  await db.optimize();
  if (db.recallChecks) await goByFixedTimes(db, 'rows');
  return rows;
}

async function reopened(db: Database): Promise<Collection> {
  const rows = (await db.collection('rows')) as unknown as Collection;
  await goByFixedTimes(db, 'rows');
  return rows;
}

const queryOf = (value: Float32Array) => ({ near: { vector: 'v', value }, select: [] }) as const;

async function search(rows: Collection, times: number, query = outside): Promise<void> {
  for (let i = 0; i < times; i++) await rows.search(queryOf(query()));
}

async function checked(db: Database, rows: Collection, times: number, query = outside): Promise<void> {
  const checks = await db.checksOf('rows');
  for (let i = 0; i < times; i++) {
    await search(rows, ONE_IN, query);
    while (await checks!.check());
  }
}

/** The mean recall, and the one that was expected. */
async function measure(rows: Collection, queries: readonly Float32Array[]) {
  let [recall, expected] = [0, 0];
  for (const value of queries) {
    const analysis = await rows.analyze(queryOf(value));
    recall += analysis.recall / queries.length;
    expected += analysis.info.recall / queries.length;
  }
  return { recall, expected };
}

t.test(`exact checks correct what is expected of queries unlike the vectors (NEARFIELD_SEED=${SEED})`, async (t) => {
  const db = await open(':memory:', { threads: 1 });
  t.teardown(() => db.close());
  const rows = await filled(db);
  const queries = Array.from({ length: 100 }, outside);
  const before = await measure(rows, queries);
  t.ok(before.recall < before.expected - 0.03, `at first ${before.recall} of ${before.expected}`);
  await checked(db, rows, 120);
  const after = await measure(rows, queries);
  t.ok(Math.abs(after.recall - after.expected) <= 0.03, `then ${after.recall} of ${after.expected}`);
  t.ok(after.recall >= 0.95, `which is what is wanted: ${after.recall}`);
});

t.test('when queries are as the vectors again, they are walked again', async (t) => {
  const db = await open(':memory:', { threads: 1 });
  t.teardown(() => db.close());
  const rows = await filled(db);
  await checked(db, rows, 60);
  const strategy = async () => (await rows.search(queryOf(POINTS[0]))).info.strategy;
  t.equal(await strategy(), 'exact-scan');
  for (let i = 0; i < 1000 && (await strategy()) === 'exact-scan'; i++) await checked(db, rows, 1, () => point(1));
  t.equal(await strategy(), 'graph-walk');
});

t.test('what was observed is kept in the file, and a reader goes by it and does not write', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const first = await open(path, { threads: 1, durability: 'relaxed' });
  const rows = await filled(first);
  const fresh = await rows.explain(queryOf(POINTS[0]));
  await checked(first, rows, 20);
  const corrected = await rows.explain(queryOf(POINTS[0]));
  t.notSame(corrected, fresh);
  await first.close();
  const reader = await open(path, { readOnly: true, threads: 1 });
  const seen = await reopened(reader);
  t.same((await seen.explain(queryOf(POINTS[0]))).legs, corrected.legs);
  const kept = () => reader.sql.prepare('SELECT observed FROM nf_recall').pluck().get();
  const before = kept();
  await checked(reader, seen, 20);
  t.not(JSON.stringify((await reader.checksOf('rows'))!.core.observed.get('v')), before);
  t.equal(kept(), before);
  await reader.close();
  const writer = await open(path, { threads: 1 });
  writer.sql.prepare('UPDATE nf_recall SET observed = \'{"unfiltered":{"wanted":"much"}}\'').run();
  t.same((await (await reopened(writer)).explain(queryOf(POINTS[0]))).legs, fresh.legs);
  await writer.dropCollection('rows');
  t.same(writer.sql.prepare('SELECT count(*) FROM nf_recall').pluck().get(), 0);
  await writer.close();
});

t.test('a search is checked when none has come for a while', async (t) => {
  const db = await open(':memory:', { threads: 1 });
  t.teardown(() => db.close());
  const rows = await filled(db);
  const checks = (await db.checksOf('rows'))!;
  const { samples } = checks.core;
  await search(rows, 1);
  mock.timers.tick(400);
  await search(rows, 1);
  mock.timers.tick(400);
  await turns();
  t.equal(samples.size, 1, 'another search came meanwhile');
  mock.timers.tick(500);
  await turns();
  t.equal(samples.size, 0);
  await checks.close();
  await search(rows, ONE_IN);
  t.equal(samples.size, 0, 'when closed, nothing is kept');
});

t.test('without recallChecks nothing is kept, and what is no boolean is refused', async (t) => {
  const db = await open(':memory:', { threads: 1, recallChecks: false });
  t.teardown(() => db.close());
  const rows = await filled(db);
  await search(rows, 1);
  t.equal(await db.checksOf('rows'), undefined);
  await t.rejects(open(':memory:', { recallChecks: 1 as unknown as boolean }), { code: 'INVALID_ARGUMENT' });
});

/** A few turns of the event loop, as a check has steps. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}
