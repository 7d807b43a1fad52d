import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { open } from '@nearfield/engine';
import { WordEncoder } from '../small-encoders.js';
import { HeldCommits, crashBeforeNextTask } from './held-commits.js';

const SCHEMA = {
  fields: { n: 'integer', title: 'text', long: { type: 'text', index: false } },
  vectors: { v: { dimensions: 2, metric: 'dot' }, words: { from: ['title'], encoder: new WordEncoder() } },
} as const;

const record = (id: number | string, n: number) =>
  ({ id, n, title: `word${n} common`, long: `text ${n}`, vectors: { v: Float32Array.of(n, 1) } }) as const;

async function opened(t: Test) {
  const path = join(t.testdir(), 'a.nf');
  const db = await open(path, { durability: 'relaxed' });
  t.teardown(() => db.close());
  return { path, db, rows: await db.collection('rows', SCHEMA) };
}

t.test('between a commit in the file and its news, every read sees the state before', async (t) => {
  const held = new HeldCommits(t);
  const { db, rows } = await opened(t);
  await rows.upsert([record(1, 1), record(2, 2), record(3, 3)]);
  const near = { vector: 'v', value: Float32Array.of(1, 0) } as const;
  const seen = async () => ({
    get: await rows.get([1, 2, 9], { vectors: true }),
    count: await rows.count({ n: { $lt: 3 } }),
    unindexed: await rows.count({ long: { $contains: 'text' } }),
    hits: (await rows.search({ near, vectors: true })).hits,
    words: (await rows.search({ near: { vector: 'words', text: 'word1 word8' } })).hits,
    like: await rows.search({ near: { vector: 'v', id: 2 } }).then(
      ({ hits }) => hits,
      (error: { code: string }) => error.code,
    ),
    scan: await collected(rows.scan({ orderBy: 'n' })),
    stats: (await rows.stats()).commit,
  });
  const before = await seen();
  const changes = [
    () => rows.upsert([record(1, 8), record(9, 9)]),
    () => rows.update(2, { n: 20 }),
    () => rows.delete([1, 3]),
    () => rows.delete({ filter: {} }),
  ];
  let last = before;
  for (const change of changes) {
    const [changing] = await held.during(change);
    t.ok(db.sql.prepare('SELECT commits FROM nf_collections').pluck().get() !== last.stats, 'the file is ahead');
    t.strictSame(await seen(), last);
    held.release();
    await changing;
    const now = await seen();
    t.not(now.stats, last.stats);
    t.notSame(now.hits, last.hits);
    last = now;
  }
  t.equal(last.count, 0);
});

t.test('a filter deletes what matches when its turn has come', async (t) => {
  const held = new HeldCommits(t);
  const { rows } = await opened(t);
  await rows.upsert([record(1, 1), record(2, 1), record(3, 2)]);
  const [first] = await held.during(() => rows.upsert(record(1, 2)));
  const calls: Promise<unknown>[] = [];
  // Calls commit in the order in which their encoding ends; behind its end the event loop may turn once more.
  const upsert = async (id: string) => {
    await new Promise((resolve) => calls.push(rows.upsert(record(id, 1), { onProgress: resolve })));
    await new Promise((resolve) => setImmediate(resolve));
  };
  await upsert('new');
  calls.push(rows.delete({ filter: { n: 1 } }));
  await upsert('later');
  held.release();
  await first;
  t.same(await Promise.all(calls), [{ count: 1 }, { count: 2 }, { count: 1 }]);
  t.same(
    (await rows.get([1, 2, 3, 'new', 'later'])).map((found) => found?.n),
    [2, undefined, 2, undefined, 1],
  );
});

t.test('an update behind upserts of the same record that go on and on comes to its turn', async (t) => {
  const { rows } = await opened(t);
  await rows.upsert(record(1, 0));
  const updated = new AbortController();
  let upserts = 0;
  const upsert = async () => {
    for (; !updated.signal.aborted; upserts++) await rows.upsert(record(1, upserts));
  };
  const upserting = [upsert(), upsert(), upsert()];
  for (let i = 0; i < 5; i++) t.same(await rows.update(1, { title: `updated ${i}` }), { count: 1 });
  updated.abort();
  await Promise.all(upserting);
  t.ok(upserts > 5);
});

t.test('an abort takes a write back that waits for its turn, and none that has begun', async (t) => {
  const held = new HeldCommits(t);
  const { rows } = await opened(t);
  await rows.upsert(record(1, 1));
  const abort = new AbortController();
  const { signal } = abort;
  const [begun] = await held.during(() => rows.upsert(record(2, 2), { signal }));
  const waiting = [
    rows.upsert(record(3, 3), { signal }),
    rows.delete(1, { signal }),
    rows.delete({ filter: { n: 1 } }, { signal }),
    rows.update(1, { n: 5 }, { signal }),
  ];
  for (const call of waiting) call.catch(() => undefined);
  const other = rows.upsert(record(4, 4));
  await new Promise((resolve) => setImmediate(resolve));
  abort.abort();
  held.release();
  t.same(await begun, { count: 1 });
  for (const call of waiting) await t.rejects(call, { code: 'ABORTED' });
  await other;
  t.same(
    (await rows.get([1, 2, 3, 4])).map((found) => found?.n),
    [1, 2, undefined, 4],
  );
});

t.test('a thread that ends before it commits fails that write alone', async (t) => {
  const { rows } = await opened(t);
  await rows.upsert(record(1, 1));
  crashBeforeNextTask();
  const calls = [rows.upsert([record(1, 2), record(2, 2)]), rows.upsert(record(3, 3))];
  const [failed, next] = await Promise.allSettled(calls);
  t.match(failed, { status: 'rejected', reason: { code: 'STORAGE_FAILED', message: /nothing was changed/ } });
  t.match(next, { status: 'fulfilled' });
  t.same(
    (await rows.get([1, 2, 3])).map((found) => found?.n),
    [1, undefined, 3],
  );
  const words = async (text: string) =>
    (await rows.search({ near: { vector: 'words', text } })).hits.map(({ id }) => id);
  t.same([await words('word1'), await words('word2'), await words('word3')], [[1], [], [3]]);
});

t.test('a commit whose thread ends before it tells is found in the file, and shown', async (t) => {
  const held = new HeldCommits(t);
  const { path, db, rows } = await opened(t);
  await rows.upsert([record(1, 1), record(2, 2), record(3, 3), record(4, 4)]);
  const answers = async (collection = rows) => ({
    records: await collection.get([1, 2, 3, 4, 5], { vectors: true }),
    common: (await collection.search({ near: { vector: 'words', text: 'common word2' } })).hits,
    near: (await collection.search({ near: { vector: 'v', value: Float32Array.of(1, 1) } })).hits,
    count: await collection.count(),
  });
  for (const [change, count] of [
    [() => rows.upsert([record(1, 11), record(5, 5)]), 2],
    [() => rows.delete([2, 77]), 1],
    [() => rows.delete({ filter: { n: 3 } }), 1],
  ] as const) {
    const [changing] = await held.during(change);
    await held.crash();
    t.same(await changing, { count });
  }
  await rows.upsert(record(4, 44));
  const here = await answers();
  t.same(
    here.records.map((found) => found?.n),
    [11, undefined, undefined, 44, 5],
  );
  await db.close();
  const again = await open(path);
  t.teardown(() => again.close());
  t.strictSame(await answers(await again.collection('rows', SCHEMA)), here, 'as the file has it');
});

t.test('terms of a refused batch come with the next, and their numbers are not used twice', async (t) => {
  const { path, db, rows } = await opened(t);
  await rows.upsert(record(1, 1));
  const refused = rows.add([
    { id: 2, title: 'fresh terms' },
    { id: 1, title: 'others' },
  ]);
  const next = rows.add({ id: 3, title: 'fresh start' });
  await t.rejects(refused, { code: 'ID_EXISTS', details: { record: 1 } });
  await next;
  await rows.add({ id: 4, title: 'terms at last' });
  const find = async (text: string, collection = rows) =>
    (await collection.search({ near: { vector: 'words', text } })).hits.map(({ id }) => id).sort();
  const found = { fresh: [3], terms: [4], others: [], start: [3], last: [4] };
  for (const [word, ids] of Object.entries(found)) t.same(await find(word), ids, word);
  await db.close();
  const again = await open(path);
  t.teardown(() => again.close());
  const reopened = await again.collection('rows', SCHEMA);
  for (const [word, ids] of Object.entries(found)) t.same(await find(word, reopened), ids, word);
});

t.test('collections are created and dropped while others commit', async (t) => {
  const held = new HeldCommits(t);
  const { db, rows } = await opened(t);
  await rows.upsert(record(1, 1));
  const [writing] = await held.during(() => rows.upsert(record(2, 2)));
  const creating = db.collection('more', SCHEMA);
  const dropping = db.dropCollection('rows');
  const late = rows.upsert(record(3, 3));
  late.catch(() => undefined);
  held.release();
  t.same(await writing, { count: 1 });
  const more = await creating;
  await dropping;
  await t.rejects(late, { code: 'COLLECTION_NOT_FOUND' });
  await more.upsert(record(1, 1));
  t.equal(await more.count(), 1);
  t.same(await db.collections(), ['more']);
});

t.test('the app reads, writes and holds transactions beside commits', async (t) => {
  const held = new HeldCommits(t);
  const { db, rows } = await opened(t);
  db.sql.exec('CREATE TABLE notes (note TEXT)');
  const insert = db.sql.prepare('INSERT INTO notes VALUES (?)');
  const [writing] = await held.during(() => rows.upsert(record(1, 1)));
  insert.run('beside');
  db.sql.exec('BEGIN');
  insert.run('in a transaction');
  held.release();
  await writing;
  await t.rejects(rows.upsert(record(2, 2)), { code: 'DATABASE_LOCKED' });
  db.sql.exec('COMMIT');
  const iterator = db.sql.prepare('SELECT note FROM notes').iterate();
  iterator.next();
  await rows.upsert(record(2, 2));
  t.equal(await rows.count(), 2, "a statement that only reads is in nobody's way");
  iterator.return?.();
  t.same(db.sql.prepare('SELECT note FROM notes').pluck().all(), ['beside', 'in a transaction']);
});

t.test('the write-ahead log starts anew while one commit follows the other', async (t) => {
  const { path, rows } = await opened(t);
  const batch = Array.from({ length: 100 }, (_, id) => ({ id, long: 'x'.repeat(20_000) }));
  let largest = 0;
  let waiting: Promise<unknown>[] = [];
  for (let round = 0; round < 60; round++) {
    waiting = [...waiting.slice(-1), rows.upsert(batch)];
    await waiting[0];
    largest = Math.max(largest, statSync(`${path}-wal`).size);
  }
  await Promise.all(waiting);
  t.ok(largest < 40_000_000, `${largest} bytes at most, of ${60 * 100 * 20_000} written`);
});

t.test('a backup ends while commits go on', async (t) => {
  const { path, db, rows } = await opened(t);
  await rows.upsert(Array.from({ length: 2000 }, (_, id) => ({ id, long: 'x'.repeat(20_000) })));
  // Behind the checkpoint of all that.
  await rows.upsert({ id: 0, long: 'short' });
  const copy = join(path, '..', 'b.nf');
  const copied = new AbortController();
  let commits = 0;
  const copying = db.backup(copy).then(() => copied.abort());
  // A commit takes at least a turn of the event loop, in which a backup that goes on copies a hundred pages.
  while (!copied.signal.aborted && commits < 2000) await rows.upsert({ id: commits++, long: 'short' });
  t.ok(copied.signal.aborted && commits > 0);
  await copying;
  const backup = await open(copy);
  t.teardown(() => backup.close());
  t.equal(await (await backup.collection('rows', SCHEMA)).count(), 2000);
});

t.test('a version whose sparse vector is damaged is not removed, and nothing with it', async (t) => {
  for (const path of [':memory:', join(t.testdir(), 'a.nf')]) {
    const db = await open(path);
    t.teardown(() => db.close());
    const rows = await db.collection('rows', SCHEMA);
    await rows.upsert([record(1, 1), record(2, 2)]);
    const table = db.sql.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'nf_sparse_%'").pluck().get();
    db.sql.exec(`UPDATE ${String(table)} SET vector = x'0900000000' WHERE key = 2`);
    await t.rejects(rows.upsert([record(1, 5), record(2, 5)]), { code: 'CORRUPT' });
    await t.rejects(rows.delete([1, 2]), { code: 'CORRUPT' });
    t.same(
      (await rows.get([1, 2])).map((found) => found?.n),
      [1, 2],
    );
  }
});

t.test('a process that leaves its database open lives until its commits are done, and no longer', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const writer = spawn(process.execPath, [fileURLToPath(new URL('./unclosed-writer.mjs', import.meta.url)), path], {
    stdio: 'inherit',
  });
  t.same(await once(writer, 'exit'), [0, null]);
  const db = await open(path);
  t.teardown(() => db.close());
  t.same(
    (await (await db.collection('rows')).get([1, 2])).map((found) => found?.id),
    [1, 2],
  );
});

async function collected<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}
