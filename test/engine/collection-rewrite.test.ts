import { join } from 'node:path';
import t from 'tap';
import { open } from '@nearfield/engine';
import { seededRandom } from './filter/random-filter.js';
import { WordEncoder } from './small-encoders.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 31);
const RECORDS = 700;

t.test(`a mostly dead segment is rewritten while writes go on (NEARFIELD_SEED=${SEED})`, async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const words = new WordEncoder();
  const schema = {
    fields: { n: 'integer', text: 'text' },
    vectors: { v: { dimensions: 3, metric: 'euclidean' }, words: { from: ['text'], encoder: words } },
  } as const;
  const db = await open(path, { durability: 'relaxed' });
  const rows = await db.collection('rows', schema);
  const random = seededRandom(SEED);
  const model = new Map<number, { id: number; n: number; text: string; vectors: { v: Float32Array } }>();
  let rewrites = 0;
  let last = 0;
  for (let round = 0; round < 40; round++) {
    const batch = Array.from({ length: 200 }, (_, i) => {
      const id = Math.floor(random() * RECORDS);
      const v = Float32Array.of(random(), random(), random());
      return { id, n: round, text: `word${id % 10} round${round} ${i % 2 === 0 ? 'even' : 'odd'}`, vectors: { v } };
    });
    // Not awaited one by one: a rewrite that began runs on between these.
    const writes = [0, 50, 100, 150].map((at) => rows.upsert(batch.slice(at, at + 50)));
    await Promise.all(writes);
    for (const record of batch) model.set(record.id, record);
    const victims = Array.from({ length: 10 }, () => Math.floor(random() * RECORDS));
    await rows.delete(victims);
    for (const id of victims) model.delete(id);
    const { rows: total, records, background } = await rows.stats();
    t.equal(records, model.size);
    t.equal(background.failure, undefined);
    if (total < last) rewrites++;
    last = total;
    await check(round);
    // A rewrite reads a page in each turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.ok(rewrites >= 3, `the segment was rewritten ${rewrites} times`);
  await db.close();
  const again = await open(path);
  t.teardown(() => again.close());
  const reopened = await again.collection('rows', schema);
  t.equal(await reopened.count(), model.size);
  t.equal((await reopened.stats()).rows, model.size, 'no dead rows are loaded');

  async function check(round: number): Promise<void> {
    const query = Float32Array.of(random(), random(), random());
    const distance = (v: Float32Array) => Math.hypot(...v.map((x, i) => x - query[i]));
    const near = await rows.search({ near: { vector: 'v', value: query }, limit: 5, filter: { n: { $lte: round } } });
    const expected = [...model.values()].sort((a, b) => distance(a.vectors.v) - distance(b.vectors.v)).slice(0, 5);
    t.same(
      near.hits.map(({ id }) => id),
      expected.map(({ id }) => id),
      `nearest in round ${round}`,
    );
    const text = `round${Math.floor(random() * (round + 1))}`;
    const found = await rows.search({ near: { vector: 'words', text }, limit: 1000, select: [] });
    const holders = [...model.values()].filter((record) => record.text.split(' ').includes(text));
    t.same(
      found.hits.map(({ id }) => id).sort((a, b) => Number(a) - Number(b)),
      holders.map(({ id }) => id).sort((a, b) => a - b),
      `words in round ${round}`,
    );
  }
});

t.test('more records than a call takes arguments are deleted while a segment is rewritten', async (t) => {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', { fields: { n: { type: 'integer', index: false } } });
  const records = Array.from({ length: 170_000 }, (_, id) => ({ id }));
  await rows.upsert(records);
  await rows.upsert(records);
  await rows.upsert({ id: 0 });
  t.equal((await rows.stats()).background.running, true);
  t.same(await rows.delete({ filter: {} }), { count: records.length });
  while ((await rows.stats()).background.running) await new Promise((resolve) => setImmediate(resolve));
  t.equal(await rows.count(), 0);
});
