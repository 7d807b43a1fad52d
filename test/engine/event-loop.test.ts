// Long reads let the event loop turn. What is counted is turns, not time: without a pause there is none at all.
import t from 'tap';
import { open } from '@nearfield/engine';
import { slowClock } from '../slow-clock.js';

/** Counts the turns of the event loop while `work` runs. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let running = true;
  const count = () => {
    if (!running) return;
    turns++;
    setImmediate(count);
  };
  setImmediate(count);
  await work();
  running = false;
  return turns;
}

t.test('a batch of searches lets the event loop turn between them, and can be aborted', async (t) => {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', { vectors: { v: { dimensions: 64, metric: 'dot' } } });
  const v = new Float32Array(64).fill(1);
  await rows.upsert(Array.from({ length: 20_000 }, (_, id) => ({ id, vectors: { v: v.map((x) => x * id) } })));
  const queries = Array.from({ length: 400 }, () => ({ near: { vector: 'v', value: v }, select: [] }) as const);
  let found = 0;
  const turns = await turnsDuring(async () => (found = (await rows.searchBatch(queries)).length));
  t.equal(found, queries.length);
  t.ok(turns > 2, `${turns} turns`);
  const abort = new AbortController();
  setImmediate(() => abort.abort());
  await t.rejects(rows.searchBatch(queries, { signal: abort.signal }), { code: 'ABORTED' });
});

t.test('a filter that reads long texts from the file lets the event loop turn between records', async (t) => {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', { fields: { text: 'text' } });
  const long = 'é'.repeat(4_000_000);
  for (let id = 0; id < 12; id++) await rows.upsert({ id, text: `${long}${id % 3}` });
  let count = 0;
  slowClock(t);
  const turns = await turnsDuring(async () => (count = await rows.count({ text: { $contains: 'é1' } })));
  t.equal(count, 4);
  t.ok(turns >= 12, `${turns} turns`);
});

t.test('hits of a large page, and many records, are read in several turns, and few in none', async (t) => {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', {
    fields: { n: 'integer' },
    vectors: { v: { dimensions: 4, metric: 'dot' }, w: { dimensions: 4, metric: 'dot' } },
  });
  const v = Float32Array.of(1, 2, 3, 4);
  const ids = Array.from({ length: 5000 }, (_, id) => id);
  await rows.upsert(ids.map((id) => ({ id, n: id, vectors: { v: v.map((x) => x * id), w: v } })));
  const near = { vector: 'v', value: v } as const;
  const both = [near, { vector: 'w', value: v }] as const;
  // Turns while another thread works do not count.
  const { searchers } = db.context;
  searchers.elsewhere = async (searches) => searches.map((search) => searchers.here(search));
  slowClock(t);
  const pieces = 4000 / 16;
  // Each call gives way when it is done.
  const few = 1;
  for (const query of [{ near }, { near, select: [] }, { near: both }, { near, offset: 500 }] as const) {
    const name = JSON.stringify(Object.keys(query));
    let found = 0;
    const large = () => turnsDuring(async () => (found = (await rows.search({ ...query, limit: 4000 })).hits.length));
    const turns = await large();
    t.equal(found, 4000);
    t.ok(turns >= pieces, `${name}: ${turns} turns`);
    t.equal(await turnsDuring(() => rows.search({ ...query, offset: 0, limit: 1000 })), few, name);
  }
  const deep = await turnsDuring(() => rows.search({ near, offset: 4000, limit: 1, select: [] }));
  t.ok(deep > 2, `${deep} turns before a deep page`);
  const batch = await turnsDuring(() =>
    rows.searchBatch([
      { near, limit: 4000 },
      { near, limit: 4000 },
    ]),
  );
  t.ok(batch >= 2 * pieces, `${batch} turns of a batch`);
  const gotten = await turnsDuring(() => rows.get(ids.slice(0, 4000)));
  t.ok(gotten >= pieces - 1, `${gotten} turns`);
  t.equal(await turnsDuring(() => rows.get(ids.slice(0, 1000))), few);
});
