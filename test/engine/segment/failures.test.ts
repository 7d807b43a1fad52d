import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import t from 'tap';
import type { Database } from '@nearfield/engine';
import {
  SCHEMA,
  checkRecords,
  expected,
  openSmall,
  records,
  sealedSegments,
  settled,
  turn,
  type Rows,
} from './small-segments.js';

/** The longest that a timer can wait. */
const NEVER_MS = 2 ** 31 - 1;

/** Ways to make the thread that seals meet an error, and to end it. */
const CAUSES: Readonly<
  Record<string, { begin: (db: Database) => void; end: (db: Database) => void; failure: RegExp }>
> = {
  'frames are refused': {
    begin: ({ sql }) =>
      sql.exec(`CREATE TRIGGER refuse BEFORE INSERT ON nf_frames BEGIN SELECT RAISE(ABORT, 'refused'); END`),
    end: ({ sql }) => sql.exec('DROP TRIGGER refuse'),
    failure: /STORAGE_FAILED|Background work/,
  },
  'the last step is refused': {
    begin: ({ sql }) =>
      sql.exec(`CREATE TRIGGER refuse BEFORE UPDATE ON nf_segments BEGIN SELECT RAISE(ABORT, 'refused'); END`),
    end: ({ sql }) => sql.exec('DROP TRIGGER refuse'),
    failure: /Background work/,
  },
  'the table of frames has another name': {
    begin: ({ sql }) => sql.exec('ALTER TABLE nf_frames RENAME TO elsewhere'),
    end: ({ sql }) => sql.exec('ALTER TABLE elsewhere RENAME TO nf_frames'),
    failure: /Background work/,
  },
};

for (const [name, { begin, end, failure }] of Object.entries(CAUSES)) {
  t.test(`sealing fails while ${name}: nothing is lost, and it is done later`, async (t) => {
    const path = join(t.testdir(), 'a.nf');
    const db = await openSmall(path);
    const rows = await db.collection('rows', SCHEMA);
    begin(db);
    await rows.upsert(records(0, 500));
    await rows.upsert(records(500, 520));
    await settled(rows);
    t.match((await rows.stats()).background.failure, failure, 'the failure is reported');
    await t.rejects(db.optimize(), { message: /Background work/ }, 'optimize says so');
    t.equal(db.sql.prepare('SELECT count(*) FROM nf_segments').pluck().get(), 0, 'nothing half made is left');
    await rows.delete([1, 2, 3]);
    await rows.upsert(records(600, 1100));
    const model = new Map([...expected(0, 520), ...expected(600, 1100)]);
    for (const id of [1, 2, 3]) model.delete(id);
    await settled(rows);
    await checkRecords(rows, model);
    t.equal(await sealedSegments(rows), 0);
    end(db);
    await db.optimize();
    t.equal((await rows.stats()).background.failure, undefined);
    t.equal(await sealedSegments(rows), 1);
    await checkRecords(rows, model);
    await db.close();
    const again = await openSmall(path);
    t.teardown(() => again.close());
    const reopened = await again.collection('rows', SCHEMA);
    t.equal(await sealedSegments(reopened), 1);
    t.equal(again.sql.prepare('SELECT count(*) FROM nf_segments').pluck().get(), 1);
    await checkRecords(reopened, model);
  });
}

t.test('a failure is tried again after longer and longer pauses, until it is gone', async (t) => {
  const pauses: number[] = [];
  let retry = (): void => undefined;
  const original = globalThis.setTimeout;
  t.teardown(() => (globalThis.setTimeout = original));
  const db = await openSmall(join(t.testdir(), 'a.nf'));
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  db.sql.exec(`CREATE TRIGGER refuse BEFORE INSERT ON nf_frames BEGIN SELECT RAISE(ABORT, 'refused'); END`);
  await rows.upsert(records(0, 500));
  const watched = (callback: () => void, ms: number) => {
    // The other pause of two seconds is that of the last write.
    if (ms < 1000 || !String(callback).includes('tidy')) return original(callback, ms);
    pauses.push(ms);
    // It ends when the test says so, however slow the machine.
    const timer = original(callback, NEVER_MS);
    retry = () => {
      clearTimeout(timer);
      callback();
    };
    return timer;
  };
  globalThis.setTimeout = Object.assign(watched, original) as unknown as typeof setTimeout;
  await rows.upsert(records(500, 501));
  for (let tries = 1; tries <= 4; tries++) {
    while (pauses.length < tries) await turn();
    t.type((await rows.stats()).background.failure, 'string');
    if (tries === 4) db.sql.exec('DROP TRIGGER refuse');
    retry();
  }
  await settled(rows);
  t.same(pauses, [1000, 2000, 4000, 8000]);
  t.equal((await rows.stats()).background.failure, undefined);
  t.equal(await sealedSegments(rows), 1);
  await checkRecords(rows, expected(0, 501));
});

t.test('optimize does again what failed that had begun before it', async (t) => {
  const db = await openSmall(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  const { pool } = db.context.builder;
  const run = pool.run.bind(pool);
  let fail = (): void => undefined;
  const failing = new Promise<never>((_resolve, reject) => (fail = () => reject(new Error('The disk was full'))));
  pool.run = () => failing;
  await rows.upsert(records(0, 500));
  // Too few for a job of their own, whose success would count for both.
  await rows.upsert(records(500, 510));
  pool.run = run;
  const optimizing = db.optimize();
  await turn();
  t.equal((await rows.stats()).background.running, true);
  fail();
  await optimizing;
  t.equal(await sealedSegments(rows), 1);
  t.equal((await rows.stats()).background.failure, undefined);
  await checkRecords(rows, expected(0, 510));
});

t.test('what cannot be tidied up now is tidied up later', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const db = await openSmall(path);
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  await rows.upsert(records(0, 100));
  db.sql.exec(`CREATE TRIGGER refuse BEFORE DELETE ON nf_dense_1 BEGIN SELECT RAISE(ABORT, 'refused'); END`);
  const others = Array.from({ length: 1500 }, (_, i) => ({ id: 10_000 + i }));
  await rows.delete([5, 6, 7]);
  for (let round = 0; round < 3; round++) await rows.upsert(others);
  // The rows are written anew; the vectors that are dead now cannot be taken out of the file.
  await failed(rows);
  db.sql.exec('DROP TRIGGER refuse');
  await db.optimize();
  t.equal((await rows.stats()).background.failure, undefined);
  t.equal(db.sql.prepare('SELECT count(*) FROM nf_dense_1').pluck().get(), 97);
});

async function failed(rows: Rows): Promise<void> {
  while ((await rows.stats()).background.failure === undefined) await turn();
}

t.test('a reader that does not end holds up neither optimize nor commits beside it', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const db = await openSmall(path);
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  await rows.upsert(records(0, 500));
  const reader = new SQLite(path, { readonly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM nf_records_1').get();
  await rows.delete(Array.from({ length: 400 }, (_, id) => id));
  const optimizing = db.optimize();
  for (let id = 500; id < 560; id++) await rows.upsert(records(id, id + 1));
  await optimizing;
  await checkRecords(rows, expected(400, 560));
  reader.close();
});
