import t from 'tap';
import { open } from '@nearfield/engine';
import { WordEncoder } from './small-encoders.js';

const near = { vector: 'v', value: Float32Array.of(1, 2) } as const;

async function rowsWith(words = new WordEncoder()) {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', {
    fields: { title: 'text', n: 'integer', m: { type: 'integer', index: false } },
    vectors: { v: { dimensions: 2 }, words: { from: ['title'], encoder: words } },
  });
  await rows.upsert(Array.from({ length: 1000 }, (_, id) => ({ id, n: id, m: id, vectors: { v: near.value } })));
  return rows;
}

t.test('a signal that has fired refuses every call, and nothing is done', async (t) => {
  const rows = await rowsWith();
  const reason = new Error('no longer needed');
  const signal = AbortSignal.abort(reason);
  const before = await rows.stats();
  const calls: Record<string, Promise<unknown>> = {
    upsert: rows.upsert({ id: 'x' }, { signal }),
    'upsert of a stream': rows.upsert(new Set([{ id: 'x' }]), { signal }),
    add: rows.add({ id: 'x' }, { signal }),
    update: rows.update(1, { n: 5 }, { signal }),
    delete: rows.delete(1, { signal }),
    'delete by filter': rows.delete({ filter: { m: 1 } }, { signal }),
    get: rows.get(1, { signal }),
    count: rows.count({ m: 1 }, { signal }),
    facets: rows.facets('n', { signal }),
    scan: rows.scan({ signal }).next(),
    search: rows.search({ near }, { signal }),
    'search, in the query': rows.search({ near, signal }),
    searchBatch: rows.searchBatch([{ near }, { near, signal }]),
    explain: rows.explain({ near }, { signal }),
  };
  for (const [name, call] of Object.entries(calls)) {
    await t.rejects(call, { name: 'AbortError', code: 'ABORTED', cause: reason }, name);
  }
  t.strictSame(await rows.stats(), before, 'nothing has changed');
});

t.test('an abort while a text is encoded ends the call, and nothing is half done', async (t) => {
  const words = new WordEncoder();
  const rows = await rowsWith(words);
  const before = await rows.stats();
  const calls: ((signal: AbortSignal) => Promise<unknown>)[] = [
    (signal: AbortSignal) => rows.upsert([{ id: 'x' }, { id: 'y', title: 'word' }], { signal }),
    (signal: AbortSignal) => rows.update(1, { title: 'word' }, { signal }),
    (signal: AbortSignal) => rows.search({ text: 'word', signal }),
  ];
  for (const call of calls) {
    const controller = new AbortController();
    words.pause = async () => controller.abort();
    await t.rejects(call(controller.signal), { name: 'AbortError', code: 'ABORTED' });
  }
  t.strictSame(await rows.stats(), before);
});

t.test('an abort ends a filter, a scan and a stream in the middle', async (t) => {
  const rows = await rowsWith();
  const controller = new AbortController();
  const scan = rows.scan({ signal: controller.signal });
  await scan.next();
  controller.abort();
  const rest = async () => {
    let seen = 0;
    for await (const _ of scan) seen++;
    return seen;
  };
  await t.rejects(rest(), { code: 'ABORTED' });

  const stop = new AbortController();
  let returned = false;
  async function* source() {
    try {
      for (let id = 0; ; id++) {
        if (id === 700) stop.abort();
        yield { id: `s${id}` };
      }
    } finally {
      returned = true;
    }
  }
  await t.rejects(rows.upsert(source(), { signal: stop.signal }), { code: 'ABORTED' });
  t.ok(returned, 'the source is closed');
  const count = await rows.count({ id: { $gte: 's' } });
  t.equal(count % 256, 0, 'whole batches only');
  t.ok(count <= 512);
});

t.test('an abort ends a stream whose source never yields again', async (t) => {
  const rows = await rowsWith();
  const stop = new AbortController();
  async function* source() {
    yield { id: 'first' };
    setImmediate(() => stop.abort());
    await new Promise(() => undefined);
  }
  await t.rejects(rows.upsert(source(), { signal: stop.signal }), { code: 'ABORTED' });
});
