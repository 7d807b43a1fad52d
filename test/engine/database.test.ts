import { linkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { open, type Collection, type Database } from '@nearfield/engine';
import { LetterEncoder, WordEncoder, registryOf } from './small-encoders.js';

const SCHEMA = {
  fields: { title: 'text', n: 'integer' },
  vectors: { v: { dimensions: 2 }, words: { from: ['title'], encoder: 'bow:words' } },
} as const;

type Rows = Collection<typeof SCHEMA>;

const near = { vector: 'v', value: Float32Array.of(1, 2) } as const;

/** Every method of a collection, by whether it writes. */
const READS: Readonly<Record<string, (rows: Rows) => Promise<unknown>>> = {
  get: (rows) => rows.get(1),
  count: (rows) => rows.count(),
  'count of a filter': (rows) => rows.count({ title: 'a' }),
  scan: (rows) => rows.scan().next(),
  search: (rows) => rows.search({ near }),
  searchBatch: (rows) => rows.searchBatch([{ text: 'a' }, { near }]),
  explain: (rows) => rows.explain({ text: 'a' }),
  stats: (rows) => rows.stats(),
};
const WRITES: Readonly<Record<string, (rows: Rows) => Promise<unknown>>> = {
  upsert: (rows) => rows.upsert({ id: 2 }),
  'upsert of a stream': (rows) => rows.upsert(new Set([{ id: 2 }])),
  add: (rows) => rows.add({ id: 3 }),
  update: (rows) => rows.update(1, { n: 5 }),
  delete: (rows) => rows.delete(4),
  'delete by filter': (rows) => rows.delete({ filter: { n: 99 } }),
};
const ALL = { ...READS, ...WRITES };

async function opened(path: string, readOnly = false): Promise<[Database, Rows]> {
  const db = await open(path, { readOnly, encoders: registryOf(new WordEncoder(), new LetterEncoder()) });
  return [db, await db.collection('rows', SCHEMA)];
}

t.test('each method in each state', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const [db, rows] = await opened(path);
  await rows.upsert({ id: 1, title: 'a', vectors: { v: near.value } });
  for (const [name, call] of Object.entries(ALL)) await t.resolves(call(rows), `open: ${name}`);

  const [reader, seen] = await opened(path, true);
  for (const [name, call] of Object.entries(READS)) await t.resolves(call(seen), `read-only: ${name}`);
  for (const [name, call] of Object.entries(WRITES))
    await t.rejects(call(seen), { code: 'READ_ONLY' }, `read-only: ${name}`);
  await t.rejects(reader.collection('new', {}), { code: 'READ_ONLY' });
  await t.rejects(reader.dropCollection('rows'), { code: 'READ_ONLY' });
  await reader.close();

  await db.dropCollection('rows');
  for (const [name, call] of Object.entries(ALL)) {
    await t.rejects(call(rows), { code: 'COLLECTION_NOT_FOUND' }, `dropped: ${name}`);
  }
  await t.rejects(db.dropCollection('rows'), { code: 'COLLECTION_NOT_FOUND' });

  const again = await db.collection('rows', SCHEMA);
  await db.close();
  for (const [name, call] of Object.entries(ALL))
    await t.rejects(call(again), { code: 'DATABASE_CLOSED' }, `closed: ${name}`);
  const calls: (() => Promise<unknown>)[] = [
    () => db.collections(),
    () => db.collection('rows'),
    () => db.dropCollection('rows'),
    () => db.backup('x'),
  ];
  for (const call of calls) await t.rejects(call(), { code: 'DATABASE_CLOSED' });
  t.throws(() => db.sql, { code: 'DATABASE_CLOSED' });
  await t.resolves(db.close(), 'closing again does nothing');
});

t.test('close waits for the calls that run, refuses later ones, and closes no encoder that was given', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const words = new WordEncoder();
  const db = await open(path, { encoders: registryOf(words) });
  const rows = await db.collection('rows', SCHEMA);
  let goOn = () => {};
  let begun = () => {};
  const encoding = new Promise<void>((resolve) => (begun = resolve));
  words.pause = () =>
    new Promise((resolve) => {
      goOn = resolve;
      begun();
    });
  const writing = rows.upsert({ id: 1, title: 'a' });
  await encoding;
  const reading = rows.count();
  let closed = false;
  const closing = db.close().then(() => (closed = true));
  await t.rejects(rows.count(), { code: 'DATABASE_CLOSED' });
  t.equal(await reading, 0);
  t.notOk(closed, 'it is still waiting');
  goOn();
  t.same(await writing, { count: 1 });
  await closing;
  t.equal(words.closed, 0);
  const [again, found] = await opened(path);
  t.equal(await found.count(), 1);
  await again.close();
});

t.test('a dropped collection is gone for calls that run, and its name is free', async (t) => {
  const words = new WordEncoder();
  const db = await open(join(t.testdir(), 'a.nf'), { encoders: registryOf(words) });
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  await rows.upsert(Array.from({ length: 200 }, (_, id) => ({ id, title: `word${id}` })));
  const scan = rows.scan();
  await scan.next();
  const drop = async () => {
    words.pause = async () => undefined;
    await db.dropCollection('rows');
  };
  // It is dropped while the text is encoded.
  words.pause = drop;
  await t.rejects(rows.search({ text: 'word1' }), { code: 'COLLECTION_NOT_FOUND' });
  const rest = async () => {
    for await (const _ of scan);
  };
  await t.rejects(rest(), { code: 'COLLECTION_NOT_FOUND' });
  const other = await db.collection('rows', { fields: { other: 'keyword' } });
  await other.upsert({ id: 1, other: 'a' });
  t.same(await other.get(1), { id: 1, other: 'a' });
  words.pause = async () => {
    words.pause = async () => undefined;
    await db.dropCollection('more');
  };
  const more = await db.collection('more', SCHEMA);
  await t.rejects(more.upsert({ id: 1, title: 'a' }), { code: 'COLLECTION_NOT_FOUND' });
  t.same(await db.collections(), ['rows']);
  const tables = db.sql.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name LIKE 'nf_%'").pluck();
  t.equal(tables.get(), 8, 'the tables of the dropped ones are gone');
});

t.test('of two drops at once one finds nothing', async (t) => {
  const [db] = await opened(':memory:');
  t.teardown(() => db.close());
  const ends = await Promise.allSettled([db.dropCollection('rows'), db.dropCollection('rows')]);
  t.match(ends.map((end) => (end.status === 'rejected' ? (end.reason as { code: string }).code : end.status)).sort(), [
    'COLLECTION_NOT_FOUND',
    'fulfilled',
  ]);
});

t.test('two openings of a collection at once share it', async (t) => {
  const db = await open(':memory:', { encoders: registryOf(new WordEncoder()) });
  t.teardown(() => db.close());
  const [a, b] = await Promise.all([db.collection('rows', SCHEMA), db.collection('rows', SCHEMA)]);
  await a.upsert({ id: 1 });
  t.equal(await b.count(), 1);
  const failed = db.collection('bad', { fields: { a: 'text' }, vectors: { v: { from: ['a'], encoder: 'text:none' } } });
  await t.rejects(failed, { code: 'UNKNOWN_ENCODER' });
  t.same(await db.collections(), ['rows'], 'what could not be opened was not created');
});

t.test('names of collections are checked', async (t) => {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  for (const name of ['', 'a b', '1', 'a;b', '../a', '__proto__', 'x'.repeat(129), 5, null]) {
    await t.rejects(db.collection(name as string, {}), { code: 'INVALID_SCHEMA' }, String(name));
  }
  await db.collection('Ünïcode-名_1', {});
  t.same(await db.collections(), ['Ünïcode-名_1']);
});

t.test("an app's own tables share the file", async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const [db, rows] = await opened(path);
  db.sql.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT)');
  db.sql.prepare('INSERT INTO notes (note) VALUES (?)').run('mine');
  await rows.upsert({ id: 1, title: 'a' });
  await db.close();
  const [again, found] = await opened(path);
  t.same(again.sql.prepare('SELECT note FROM notes').pluck().all(), ['mine']);
  t.equal(await found.count(), 1);
  await again.close();
});

t.test("records are not written into an app's open transaction, which could be rolled back", async (t) => {
  const [db, rows] = await opened(':memory:');
  t.teardown(() => db.close());
  await rows.upsert({ id: 1, n: 1 });
  db.sql.exec('BEGIN; CREATE TABLE notes (note TEXT)');
  for (const write of [() => rows.upsert({ id: 2 }), () => rows.update(1, { n: 2 }), () => rows.delete(1)]) {
    await t.rejects(write(), { code: 'DATABASE_LOCKED' });
  }
  t.same(await rows.get(1), { id: 1, n: 1 }, 'reads go on');
  db.sql.exec('ROLLBACK');
  await rows.upsert({ id: 2 });
  t.equal(await rows.count(), 2);
});

t.test('a backup opens with the same records while writing goes on', async (t) => {
  const folder = t.testdir();
  const [db, rows] = await opened(join(folder, 'a.nf'));
  await rows.upsert(Array.from({ length: 500 }, (_, id) => ({ id, title: `word${id}`, vectors: { v: near.value } })));
  const copying = db.backup(join(folder, 'b.nf'));
  await rows.upsert({ id: 'later' });
  await copying;
  const [copy, copied] = await opened(join(folder, 'b.nf'));
  t.ok((await copied.count()) >= 500);
  t.same((await copied.search({ text: 'word77' })).hits[0].id, 77);
  await copy.close();
  await t.rejects(db.backup(join(folder, 'none', 'c.nf')), { code: 'STORAGE_FAILED' });
  await t.rejects(db.backup(join(folder, 'a.nf')), { code: 'INVALID_ARGUMENT' });
  symlinkSync(join(folder, 'a.nf'), join(folder, 'soft.nf'));
  linkSync(join(folder, 'a.nf'), join(folder, 'hard.nf'));
  await t.rejects(db.backup(join(folder, 'soft.nf')), { code: 'INVALID_ARGUMENT' });
  await t.rejects(db.backup(join(folder, 'hard.nf')), { code: 'INVALID_ARGUMENT' });
  await t.rejects(db.backup(''), { code: 'INVALID_ARGUMENT' });
  t.equal(await rows.count(), 501, 'the original is as it was');
  await db.close();
});

t.test('a database in memory is alone with its records, and closes with `using`', async (t) => {
  const [db, rows] = await opened(':memory:');
  await rows.upsert({ id: 1 });
  const [other, empty] = await opened(':memory:');
  t.equal(await empty.count(), 0);
  await other[Symbol.asyncDispose]();
  await t.rejects(empty.count(), { code: 'DATABASE_CLOSED' });
  t.equal(await rows.count(), 1);
  await db.close();
});

t.test('a backup does not replace a database that a writer has open', async (t) => {
  const folder = t.testdir();
  const [db] = await opened(join(folder, 'a.nf'));
  t.teardown(() => db.close());
  const other = await open(join(folder, 'b.nf'));
  await other.collection('other', {});
  await t.rejects(db.backup(join(folder, 'b.nf')), { code: 'DATABASE_LOCKED' });
  t.same(await other.collections(), ['other']);
  await other.close();
  await db.backup(join(folder, 'b.nf'));
  const copy = await open(join(folder, 'b.nf'));
  t.teardown(() => copy.close());
  t.same(await copy.collections(), ['rows']);
});

t.test('calls of the database take a signal, and a backup reports its pages and ends when it is aborted', async (t) => {
  const folder = t.testdir();
  const db = await open(join(folder, 'a.nf'), { durability: 'relaxed' });
  t.teardown(() => db.close());
  const rows = await db.collection('rows', { fields: { text: 'text' } });
  await rows.upsert(Array.from({ length: 2000 }, (_, id) => ({ id, text: 'x'.repeat(2000) })));
  const signal = AbortSignal.abort();
  const aborted = { name: 'AbortError', code: 'ABORTED' };
  await t.rejects(db.collection('rows', undefined, { signal }), aborted);
  await t.rejects(db.collections({ signal }), aborted);
  await t.rejects(db.dropCollection('rows', { signal }), aborted);
  await t.rejects(db.backup(join(folder, 'b.nf'), { signal }), aborted);
  await t.rejects(rows.stats({ signal }), aborted);

  const pages: number[] = [];
  await db.backup(join(folder, 'c.nf'), {
    onProgress: ({ done, total, phase }) => {
      t.equal(phase, 'backup');
      t.ok(done <= (total ?? 0));
      pages.push(done);
    },
  });
  t.ok(pages.length > 2);
  t.same(
    pages,
    [...pages].sort((a, b) => a - b),
  );

  const aborting = new AbortController();
  const onProgress = () => aborting.abort();
  await t.rejects(db.backup(join(folder, 'd.nf'), { signal: aborting.signal, onProgress }), aborted);
  t.equal(await rows.count(), 2000);
});
