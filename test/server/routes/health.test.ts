import t from 'tap';
import { serving } from '../serving.js';

t.test('a serving app is alive and ready', async (t) => {
  const { app } = await serving(t);
  t.strictSame((await app.inject('/healthz')).json(), { status: 'ok' });
  t.strictSame((await app.inject('/readyz')).json(), { status: 'ready' });
});

t.test('without its database an app is alive, but not ready', async (t) => {
  const { app, db } = await serving(t);
  await db.close();
  t.equal((await app.inject('/healthz')).statusCode, 200);
  const ready = await app.inject('/readyz');
  t.equal(ready.statusCode, 503);
  t.equal(ready.json().error.code, 'DATABASE_CLOSED');
});
