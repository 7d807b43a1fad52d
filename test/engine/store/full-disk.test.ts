import { join } from 'node:path';
import t from 'tap';
import { open } from '@nearfield/engine';
import { WordEncoder } from '../small-encoders.js';

const SCHEMA = {
  fields: { text: 'text', n: 'integer' },
  vectors: { v: { dimensions: 64, metric: 'dot' }, words: { from: ['text'], encoder: new WordEncoder() } },
} as const;

const record = (id: number) => ({
  id,
  n: id,
  text: `common word${id}`,
  vectors: { v: new Float32Array(64).fill(id + 1) },
});

t.test('a full disk refuses the whole batch, and writing goes on when there is room again', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const db = await open(path);
  const rows = await db.collection('rows', SCHEMA);
  await rows.upsert(Array.from({ length: 20 }, (_, id) => record(id)));
  const before = await snapshot();
  db.sql.pragma(`max_page_count = ${db.sql.pragma('page_count', { simple: true })}`);
  const many = Array.from({ length: 500 }, (_, i) => record(i + 10));
  await t.rejects(rows.upsert(many), { code: 'STORAGE_FULL' });
  await t.rejects(rows.add(many.slice(10)), { code: 'STORAGE_FULL' });
  await t.rejects(rows.upsert(one(many)), { code: 'STORAGE_FULL' }, 'a stream too');
  await t.rejects(rows.update(1, { text: 'x'.repeat(1_000_000) }), { code: 'STORAGE_FULL' });
  await t.rejects(db.collection('more', SCHEMA), { code: 'STORAGE_FULL' });
  t.same(await db.collections(), ['rows']);
  t.strictSame(await snapshot(), before, 'nothing has changed');
  db.sql.pragma('max_page_count = 1000000');
  t.same(await rows.upsert(many), { count: 500 });
  t.equal(await rows.count(), 510);
  const after = await snapshot();
  // Terms of the refused batches must have left no numbers behind that another term has now.
  const own = await rows.search({ near: { vector: 'words', text: 'word300 word15' } });
  t.same(own.hits.map(({ id }) => id).sort(), [15, 300]);
  await db.close();
  const again = await open(path);
  t.teardown(() => again.close());
  const reopened = await again.collection('rows', SCHEMA);
  t.strictSame(await snapshot(reopened), after);

  async function snapshot(collection = rows): Promise<unknown> {
    const queries = [
      { near: { vector: 'v', value: new Float32Array(64).fill(1) } },
      { text: 'word12 common' },
    ] as const;
    const hits = (await collection.searchBatch(queries)).map((result) => result.hits);
    return { count: await collection.count(), hits, get: await collection.get([1, 15, 300], { vectors: true }) };
  }
});

async function* one<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}
