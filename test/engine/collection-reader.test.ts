import { join } from 'node:path';
import t from 'tap';
import { open } from '@nearfield/engine';
import { WordEncoder } from './small-encoders.js';

/** More than a reader loads in one turn of the event loop. */
const BATCH = 2000;

const schema = (encoder: WordEncoder) =>
  ({ fields: { text: 'text' }, vectors: { words: { from: ['text'], encoder } } }) as const;

t.test('a reader sees a batch of the writer whole or not at all, while another call catches up', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const writer = await open(path, { durability: 'relaxed' });
  t.teardown(() => writer.close());
  const written = await writer.collection('rows', schema(new WordEncoder()));
  await written.upsert({ id: 0, text: 'a' });
  const reader = await open(path, { readOnly: true });
  t.teardown(() => reader.close());
  const encoder = new WordEncoder();
  const rows = await reader.collection('rows', schema(encoder));

  const calls = {
    search: async () => (await rows.search({ text: 'a', limit: 10_000, select: [] })).hits.length,
    'filtered search': async () =>
      (await rows.search({ text: 'a', filter: { text: 'a' }, limit: 10_000, select: [] })).hits.length,
  };
  for (const [round, [name, call]] of Object.entries(calls).entries()) {
    let counting: Promise<number> | undefined;
    const batch = Array.from({ length: BATCH }, (_, i) => ({ id: 1 + round * BATCH + i, text: 'a' }));
    encoder.pause = async () => {
      encoder.pause = async () => undefined;
      await written.upsert(batch);
      // It begins to catch up while the search waits for its query, and takes several turns.
      counting = rows.count();
      await new Promise((resolve) => setImmediate(resolve));
    };
    const before = 1 + round * BATCH;
    t.equal(await call(), before + BATCH, name);
    t.equal(await counting, before + BATCH);
  }
});
