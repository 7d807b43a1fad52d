import { readFileSync, readdirSync } from 'node:fs';
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

t.test('a reader that follows replacements and deletions answers like one that opens anew', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const writer = await open(path, { durability: 'relaxed' });
  t.teardown(() => writer.close());
  const written = await writer.collection('rows', schema(new WordEncoder()));
  const text = (i: number, round: number) => `word${i % 7} round${round} ${'a '.repeat(i % 5)}`;
  const batch = (first: number, count: number, round: number) =>
    Array.from({ length: count }, (_, i) => ({
      id: i % 2 ? `r${first + i}` : first + i,
      text: text(first + i, round),
    }));
  await written.upsert(batch(0, 6000, 0));
  const follower = await open(path, { readOnly: true });
  t.teardown(() => follower.close());
  const rows = await follower.collection('rows', schema(new WordEncoder()));
  t.equal(await rows.count(), 6000);

  const changes = [
    () => written.upsert(batch(100, 500, 1)),
    () => written.delete({ filter: { text: { $contains: 'word3' } } }),
    () => written.upsert(batch(50, 5900, 2)),
    () => written.delete({ filter: { text: { $contains: 'round2' } } }),
    () => written.upsert(batch(0, 40, 3)),
  ];
  for (const [round, change] of changes.entries()) {
    await change();
    const opener = await open(path, { readOnly: true });
    const anew = await opener.collection('rows', schema(new WordEncoder()));
    for (const query of ['word1 a', 'round2 word3', 'round0', 'round1 word5']) {
      const wanted = await anew.search({ text: query, limit: 50 });
      const found = await rows.search({ text: query, limit: 50 });
      t.same(found.hits, wanted.hits, `round ${round}: ${query}`);
      t.equal(found.info.matches, wanted.info.matches);
    }
    t.equal((await rows.stats()).vectors.words.count, (await anew.stats()).vectors.words.count);
    await opener.close();
  }
});

t.test('a reader leaves the one file alone and nothing beside it', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'a.nf');
  const writer = await open(path);
  await (await writer.collection('rows', schema(new WordEncoder()))).upsert({ id: 1, text: 'a' });
  await writer.close();
  const before = readFileSync(path);
  const reader = await open(path, { readOnly: true });
  t.equal(await (await reader.collection('rows')).count(), 1);
  t.throws(() => reader.sql.exec('CREATE TABLE mine (x)'), { code: 'SQLITE_READONLY' });
  await reader.close();
  t.same(readdirSync(folder), ['a.nf']);
  t.ok(before.equals(readFileSync(path)));
});

t.test('a reader that catches up while a search runs on another thread shows no part of a commit', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const writer = await open(path, { durability: 'relaxed' });
  t.teardown(() => writer.close());
  const withVector = () =>
    ({
      fields: { text: 'text' },
      vectors: { words: { from: ['text'], encoder: new WordEncoder() }, v: { dimensions: 2 } },
    }) as const;
  const written = await writer.collection('rows', withVector());
  await written.upsert({ id: 0, text: 'a', vectors: { v: Float32Array.of(1, 0) } });
  const batch = Array.from({ length: BATCH }, (_, i) => ({ id: 1 + i, text: 'a' }));
  await written.upsert(batch);
  const reader = await open(path, { readOnly: true, threads: 2 });
  t.teardown(() => reader.close());
  const rows = await reader.collection('rows', withVector());

  const { searchers } = reader.context;
  const elsewhere = searchers.elsewhere.bind(searchers);
  let counting: Promise<number> | undefined;
  searchers.elsewhere = async (searches) => {
    const hands = await elsewhere(searches);
    await written.upsert(batch);
    counting = rows.count();
    await new Promise((resolve) => setImmediate(resolve));
    return hands;
  };
  const query = {
    near: [
      { vector: 'words', text: 'a' },
      { vector: 'v', value: Float32Array.of(1, 0) },
    ],
    limit: 10_000,
    select: [],
  } as const;
  for (const { hits, info } of await Promise.all([rows.search(query), rows.search(query)])) {
    t.equal(hits.length, 1 + BATCH);
    t.equal(info.matches, 1 + BATCH);
  }
  t.not(counting, undefined, 'a search ran on another thread');
  t.equal(await counting, 1 + BATCH);
});
