import t from 'tap';
import { open } from '@nearfield/engine';

t.test('names that JavaScript gives a meaning to are data in a record', async (t) => {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', { fields: { extra: 'json' } });
  const extra = { constructor: 4, toJSON: { x: 1 }, hasOwnProperty: 1, '': 2, '1': 3, 'a.b': 'c' };
  const record = { id: 1, extra, constructor: 'c', toJSON: 'j', toString: 5 };
  await rows.upsert([record]);
  t.strictSame(await rows.get(1), record);
  t.equal(await rows.count({ 'extra.toJSON.x': 1, toJSON: 'j' }), 1);
});
