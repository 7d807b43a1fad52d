import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { open } from '@nearfield/engine';
import { OtherProcess } from './other-process.js';

const SCHEMA = { fields: { n: 'integer' }, vectors: { v: { dimensions: 2, metric: 'dot' } } } as const;

const record = (id: number) => ({ id, n: id % 3, vectors: { v: Float32Array.of(id, 1) } });

t.test('one writer at a time, in this process and in others', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'a.nf');
  symlinkSync(path, join(folder, 'link.nf'));
  const db = await open(path);
  await t.rejects(open(path), { code: 'DATABASE_LOCKED' });
  await t.rejects(open(join(folder, 'link.nf')), { code: 'DATABASE_LOCKED' }, 'by a symbolic link');
  const other = new OtherProcess(t);
  t.same(
    await other.call('open', path, {}),
    { code: 'DATABASE_LOCKED' },
    'still, after a refused opener in this process',
  );
  t.equal(await other.call('open', path, { readOnly: true }), undefined, 'a reader is welcome');
  await other.call('close');
  await db.close();
  t.notOk(existsSync(`${path}-lock`), 'the lock file is gone');
  t.equal(await other.call('open', path, {}), undefined, 'the next writer may open');
  await t.rejects(open(path), { code: 'DATABASE_LOCKED' });
  await other.call('close');
  await (await open(path)).close();
});

t.test('the lock of a writer that is killed is free', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  await (await open(path)).close();
  const other = new OtherProcess(t);
  await other.call('open', path, {});
  await t.rejects(open(path), { code: 'DATABASE_LOCKED' });
  await other.kill();
  const db = await open(path);
  t.same(await db.collections(), []);
  await db.close();
});

t.test('the lock is free after an open that fails', async (t) => {
  const path = join(
    t.testdir({ 'a.nf': 'no database, but long enough to be read as the header of one. '.repeat(30) }),
    'a.nf',
  );
  await t.rejects(open(path), { code: 'NOT_A_DATABASE' });
  await t.rejects(open(path), { code: 'NOT_A_DATABASE' });
  t.notOk(existsSync(`${path}-lock`));
});

t.test('a reader in another process sees the later commits of the writer', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const db = await open(path);
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  const other = new OtherProcess(t);
  t.equal(await other.call('open', path, { readOnly: true }), undefined);
  await other.call('collection', 'rows');
  const nearest = { near: { vector: 'v', value: [1, 0] }, limit: 2 };
  t.equal(await other.call('count'), 0);
  await rows.upsert([1, 2, 3].map(record));
  t.same(await other.call('ids', nearest), [3, 2]);
  await rows.delete(3);
  t.same(await other.call('ids', nearest), [2, 1]);
  await rows.upsert(Array.from({ length: 2000 }, (_, i) => record(i + 10)));
  t.same(await other.call('ids', nearest), [2009, 2008]);
  t.equal(await other.call('count', { n: 0 }), 666);
  await rows.update(1, { n: 77 });
  t.match(await other.call('get', 1), { n: 77 });
  t.same(await other.call('upsert', [{ id: 9 }]), { code: 'READ_ONLY' });
  await db.dropCollection('rows');
  t.same(await other.call('count'), { code: 'COLLECTION_NOT_FOUND' });
  t.same(await other.call('collection', 'rows'), { code: 'COLLECTION_NOT_FOUND' });
  const again = await db.collection('rows', { fields: { other: 'text' } });
  await again.upsert({ id: 'new', other: 'a' });
  t.same(await other.call('get', 'new'), { code: 'COLLECTION_NOT_FOUND' }, 'the old collection is not the new one');
  await other.call('collection', 'rows');
  t.same(await other.call('get', 'new'), { id: 'new', other: 'a' });
});

t.test('a reader has the record of every hit while the writer replaces records', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const db = await open(path);
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  await rows.upsert(Array.from({ length: 1500 }, (_, i) => record(i)));
  const reader = await open(path, { readOnly: true });
  t.teardown(() => reader.close());
  const seen = await reader.collection('rows', SCHEMA);
  for (let round = 0; round < 10; round++) {
    const write = async () => {
      for (let i = 0; i < 5; i++) {
        await rows.update(1499 - i, { n: round % 3 });
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const query = {
      near: { vector: 'v', value: Float32Array.of(1, 0) },
      filter: { n: { $gte: 0 } },
      limit: 50,
    } as const;
    const [{ hits }] = await Promise.all([seen.search(query), write()]);
    t.same(
      hits.filter(({ record }) => record === undefined),
      [],
    );
    t.equal(hits.length, 50);
  }
});
