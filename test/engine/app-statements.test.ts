// What an app may have open on `db.sql` while it calls the database.
import { join } from 'node:path';
import t from 'tap';
import { open } from '@nearfield/engine';

t.test('a write while the app iterates a statement is refused with a code, and works afterwards', async (t) => {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', {});
  const numbers = db.sql.prepare('VALUES (1), (2), (3)').pluck();
  const iterator = numbers.iterate();
  iterator.next();
  await t.rejects(rows.upsert({ id: 1 }), { code: 'DATABASE_LOCKED', message: /all\(\)/ });
  await t.rejects(db.collection('more', {}), { code: 'DATABASE_LOCKED' });
  await t.rejects(db.dropCollection('rows'), { code: 'DATABASE_LOCKED' });
  iterator.return?.();
  await rows.upsert({ id: 1 });
  t.equal(await rows.count(), 1, 'the collection that could not be dropped is as before');
});

t.test('a close that a statement of the app prevents can be repeated, and gives up the lock', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const db = await open(path);
  const iterator = db.sql.prepare('VALUES (1), (2)').iterate();
  iterator.next();
  await t.rejects(db.close(), { code: 'DATABASE_LOCKED' });
  await t.rejects(db.collections(), { code: 'DATABASE_CLOSED' });
  iterator.return?.();
  await db.close();
  const again = await open(path);
  await again.close();
});

t.test('collections are neither created nor dropped in a transaction of the app', async (t) => {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', {});
  await rows.upsert({ id: 1 });
  db.sql.exec('BEGIN');
  await t.rejects(db.collection('new', {}), { code: 'DATABASE_LOCKED' });
  await t.rejects(db.dropCollection('rows'), { code: 'DATABASE_LOCKED' });
  db.sql.exec('ROLLBACK');
  t.same(await db.collections(), ['rows']);
  t.equal(await rows.count(), 1);
  const created = await db.collection('new', {});
  await created.upsert({ id: 1 });
  t.equal(await created.count(), 1);
});
