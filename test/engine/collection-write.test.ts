import t from 'tap';
import { open, type Progress } from '@nearfield/engine';
import { LetterEncoder, WordEncoder } from './small-encoders.js';

function makeSchema() {
  const [words, letters, tags] = [new WordEncoder(), new LetterEncoder(), new WordEncoder()];
  const schema = {
    fields: { title: 'text', plot: 'text', tag: 'keyword', n: 'integer' },
    vectors: {
      mine: { dimensions: 2, metric: 'dot' },
      words: { from: ['title', 'plot'], encoder: words },
      letters: { from: ['title'], encoder: letters },
      tags: { from: ['tag'], encoder: tags },
    },
  } as const;
  const calls = () => [words, letters, tags].map((encoder) => encoder.calls.splice(0).flat());
  return { schema, calls, words };
}

async function films() {
  const made = makeSchema();
  const db = await open(':memory:');
  t.teardown(() => db.close());
  return { ...made, db, films: await db.collection('films', made.schema) };
}

t.test('an update encodes only the vectors of changed fields anew', async (t) => {
  const { films: rows, calls } = await films();
  await rows.upsert({ id: 1, title: 'one', plot: 'two', tag: 'red', n: 1, vectors: { mine: Float32Array.of(1, 2) } });
  t.same(calls(), [['one\ntwo'], ['one'], ['red']]);
  await rows.update(1, { n: 2 });
  t.same(calls(), [[], [], []], 'no encoder reads n');
  await rows.update(1, { plot: 'three' });
  t.same(calls(), [['one\nthree'], [], []]);
  await rows.update(1, { vectors: { mine: Float32Array.of(5, 6) } });
  t.same(calls(), [[], [], []]);
  t.same(await rows.get(1, { vectors: true }), {
    id: 1,
    title: 'one',
    plot: 'three',
    tag: 'red',
    n: 2,
    vectors: { mine: Float32Array.of(5, 6), letters: await lettersOf('one') },
  });
  const ids = async (text: string) => (await rows.search({ near: { vector: 'words', text } })).hits.map(({ id }) => id);
  t.same([await ids('three'), await ids('two'), await ids('one')], [[1], [], [1]]);
});

t.test('an update removes by null, keeps by undefined, and takes the vectors along', async (t) => {
  const { films: rows, calls } = await films();
  await rows.upsert({ id: 1, title: 'one', plot: 'two', tag: 'red', vectors: { mine: Float32Array.of(1, 2) } });
  calls();
  await rows.update(1, { title: null, plot: undefined, n: undefined });
  t.same(calls(), [['two'], [], []]);
  t.same(await rows.get(1, { vectors: true }), {
    id: 1,
    plot: 'two',
    tag: 'red',
    vectors: { mine: Float32Array.of(1, 2) },
  });
  await rows.update(1, { plot: null, tag: null, vectors: { mine: null } });
  t.same(await rows.get(1, { vectors: true }), { id: 1, vectors: {} });
  const { vectors } = await rows.stats();
  t.same(
    Object.values(vectors).map(({ count }) => count),
    [0, 0, 0, 0],
  );
  await t.rejects(rows.update(2, { n: 1 }), { code: 'RECORD_NOT_FOUND', details: { record: 2 } });
});

t.test('concurrent updates of one record all land', async (t) => {
  const { films: rows } = await films();
  await rows.upsert([
    { id: 1, title: 'one' },
    { id: '1', title: 'another' },
  ]);
  const changes = Array.from({ length: 60 }, (_, i) => ({ [`key${i}`]: i, title: `title ${i}` }));
  await Promise.all(changes.flatMap((change) => [rows.update(1, change), rows.update('1', change)]));
  for (const id of [1, '1']) {
    const record = (await rows.get(id)) as Record<string, unknown>;
    t.equal(Object.keys(record).filter((key) => key.startsWith('key')).length, 60);
    t.equal(record.title, 'title 59', 'the last call wins');
  }
  const failing = [rows.update(1, { n: 'x' as never }), rows.update(1, { n: 7 })];
  const ends = await Promise.allSettled(failing);
  t.same(
    ends.map(({ status }) => status),
    ['rejected', 'fulfilled'],
    'one that fails does not hold up the next',
  );
});

t.test('updates and upserts of one record at once leave one of them whole', async (t) => {
  const { films: rows } = await films();
  await rows.upsert({ id: 1, n: 0 });
  const writes = Array.from({ length: 10 }, (_, i) => [rows.update(1, { n: i }), rows.upsert({ id: 1, n: 100 + i })]);
  await Promise.all(writes.flat());
  t.equal(await rows.count(), 1);
  const record = await rows.get(1);
  t.equal(await rows.count({ n: record!.n! }), 1, 'the filter agrees with the record');
});

t.test('add refuses ids that exist, and the batch with them', async (t) => {
  const { films: rows } = await films();
  t.same(await rows.add([{ id: 1 }, { id: '1' }]), { count: 2 });
  await t.rejects(rows.add([{ id: 2 }, { id: 1 }]), { code: 'ID_EXISTS', details: { record: 1 } });
  t.equal(await rows.count(), 2);
  t.same(await rows.add({ id: 2, title: 'single' }), { count: 1 });
});

t.test('delete takes ids and filters, and passes over what is not there', async (t) => {
  const { films: rows } = await films();
  await rows.upsert(Array.from({ length: 30 }, (_, id) => ({ id, n: id % 3, title: 'word' })));
  t.same(await rows.delete([1, 1, 2, 99, '1']), { count: 2 });
  t.same(await rows.delete(0), { count: 1 });
  t.same(await rows.delete({ filter: { n: 0 } }), { count: 9 });
  t.same(await rows.delete({ filter: { n: 0 } }), { count: 0 });
  t.equal((await rows.search({ text: 'word', limit: 100 })).hits.length, 18);
  t.same(await rows.delete({ filter: {} }), { count: 18 });
  t.equal(await rows.count(), 0);
  t.same(await rows.delete([]), { count: 0 });
});

t.test('a record that is written again while a filter deletes is judged as it is then', async (t) => {
  const { films: rows } = await films();
  const wrong: unknown[] = [];
  for (let turns = 0; turns < 40; turns++) {
    await rows.upsert({ id: 1, n: 1 });
    const deleting = rows.delete({ filter: { n: 1 } });
    for (let i = 0; i < turns; i++) await Promise.resolve();
    const [{ count }] = await Promise.all([deleting, rows.upsert({ id: 1, n: 2 })]);
    if ((await rows.count({ n: 2 })) !== 1) wrong.push({ turns, count });
  }
  t.same(wrong, []);
});

t.test('a search beside a delete never has a hit without its record', async (t) => {
  const { films: rows } = await films();
  const wrong: unknown[] = [];
  const near = { vector: 'mine', value: Float32Array.of(1, 1) } as const;
  for (let turns = 0; turns < 60; turns++) {
    await rows.upsert({ id: 1, n: 1, vectors: { mine: Float32Array.of(1, 2) } });
    const searching = rows.search(turns % 2 === 0 ? { near } : { near, filter: { n: 1 } });
    for (let i = 0; i < turns / 2; i++) await Promise.resolve();
    const [{ hits }] = await Promise.all([searching, rows.delete(1)]);
    if (hits.some(({ record }) => record === undefined)) wrong.push(turns);
  }
  t.same(wrong, []);
});

t.test('an array that the caller fills anew after the call is stored as it was', async (t) => {
  const { films: rows } = await films();
  const reused = new Float32Array(2);
  const writes: Promise<unknown>[] = [];
  for (let id = 0; id < 5; id++) {
    reused.fill(id);
    writes.push(rows.upsert({ id, title: 'a', vectors: { mine: reused } }));
  }
  reused.fill(NaN);
  await Promise.all(writes);
  const stored = await rows.get([0, 1, 2, 3, 4], { vectors: true });
  t.same(
    stored.map((record) => record?.vectors?.mine?.[0]),
    [0, 1, 2, 3, 4],
  );
});

t.test('a stream commits batch by batch and is pulled at most two batches ahead', async (t) => {
  const { films: rows, words } = await films();
  let pulled = 0;
  const leads: number[] = [];
  async function* source() {
    for (let id = 0; id < 1500; id++) {
      pulled++;
      yield { id, title: `word${id}` };
    }
  }
  words.pause = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    leads.push(pulled - (await rows.count()));
  };
  const progress: Progress[] = [];
  t.same(await rows.upsert(source(), { onProgress: (step) => progress.push(step) }), { count: 1500 });
  t.ok(Math.max(...leads) <= 3 * 256, 'two batches ahead of the one that commits', { leads });
  t.same(
    progress.map(({ done }) => done),
    [256, 512, 768, 1024, 1280, 1500],
  );
  t.ok(progress.every(({ total, phase }) => total === undefined && phase === 'commit'));
  t.equal(await rows.count(), 1500);
});

t.test('a loop over awaited calls lets others run', async (t) => {
  const { films: rows } = await films();
  for (const call of [(id: number) => rows.upsert({ id: id % 100, n: id }), () => rows.count()]) {
    const loop = { turned: false };
    setImmediate(() => (loop.turned = true));
    for (let calls = 0; calls < 100_000 && !loop.turned; calls++) await call(calls);
    t.ok(loop.turned);
  }
});

t.test('a batch reports progress by slices', async (t) => {
  const { films: rows } = await films();
  const progress: Progress[] = [];
  const records = Array.from({ length: 600 }, (_, id) => ({ id, title: `word${id}` }));
  await rows.upsert(records, { onProgress: (step) => progress.push(step) });
  t.same(progress, [
    { done: 256, total: 600, phase: 'encode' },
    { done: 512, total: 600, phase: 'encode' },
    { done: 600, total: 600, phase: 'encode' },
    { done: 600, total: 600, phase: 'commit' },
  ]);
});

t.test('a stream that fails keeps the batches before, and its source is closed', async (t) => {
  const { films: rows } = await films();
  let returned = false;
  async function* source(bad: () => unknown) {
    try {
      for (let id = 0; id < 1000; id++) yield { id, title: id === 600 ? (bad() as string) : 'a' };
    } finally {
      returned = true;
    }
  }
  await t.rejects(rows.upsert(source(() => 5)), { code: 'INVALID_FIELD', details: { record: 600 } });
  t.equal(await rows.count(), 512);
  t.ok(returned);
  await rows.delete({ filter: {} });
  const failure = new Error('the source broke');
  const breaking = source(() => {
    throw failure;
  });
  await t.rejects(rows.upsert(breaking), failure);
  t.equal((await rows.count()) % 256, 0, 'whole batches only');
});

t.test('an encoder that fails or returns nonsense changes nothing', async (t) => {
  const { films: rows, words } = await films();
  words.pause = async () => {
    throw new Error('out of order');
  };
  await t.rejects(rows.upsert({ id: 1, title: 'a' }), { code: 'ENCODER_FAILED', cause: { message: 'out of order' } });
  words.pause = async () => undefined;
  const nonsense = [
    [],
    [new Float32Array(3)],
    [{ terms: ['a', 'a'], weights: Float32Array.of(1, 1) }],
    [{ terms: ['a'], weights: Float32Array.of(-1) }],
    [{ terms: ['a'], weights: Float32Array.of(Infinity) }],
    [{ terms: [''], weights: Float32Array.of(1) }],
    [{ terms: ['\ud800'], weights: Float32Array.of(1) }],
    [null],
    undefined,
  ];
  for (const result of nonsense) {
    words.encode = async () => result as never;
    await t.rejects(rows.upsert({ id: 1, title: 'a' }), { code: 'ENCODER_FAILED' }, JSON.stringify(result));
  }
  t.equal(await rows.count(), 0);
});

async function lettersOf(text: string): Promise<Float32Array> {
  const [vector] = await new LetterEncoder().encode([{ kind: 'text', text }]);
  return vector as Float32Array;
}
