import t from 'tap';
import { open, type Encoder, type EncoderRegistry } from '@nearfield/engine';
import { openWith } from '@nearfield/engine/internals/database';
import { POLICY_LIMITS } from '@nearfield/engine/internals/segment/index';
import { seededRandom } from '../filter/random-filter.js';

const random = seededRandom(17);
const vector = () => Float32Array.from({ length: 4 }, () => random() - 0.5);
const SCHEMA = { fields: { n: 'integer' }, vectors: { v: { dimensions: 4 } } } as const;
const rowsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: first + i, n: i, vectors: { v: vector() } }));

t.test('limits bound what queries may ask for', async (t) => {
  const db = await open(':memory:', { limits: { limit: 5, window: 12, filterDepth: 2, scanRows: 20 } });
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  await rows.upsert(rowsFrom(0, 20));
  const near = { vector: 'v', value: vector() } as const;
  t.equal((await rows.search({ near, limit: 5 })).hits.length, 5);
  await t.rejects(rows.search({ near, limit: 6 }), { code: 'INVALID_QUERY', details: { field: 'limit' } });
  t.equal((await rows.search({ near, limit: 5, offset: 7 })).hits.length, 5);
  await t.rejects(rows.search({ near, limit: 5, offset: 8 }), {
    code: 'INVALID_QUERY',
    message: /at most; received 8 and 5/,
    details: { field: 'offset' },
  });
  await t.resolves(rows.search({ near, limit: 5, filter: { $or: [{ n: 1 }, { id: 2 }] } }));
  const deep = { $or: [{ n: 1 }, { $and: [{ n: { $gte: 2 } }, { id: 3 }] }] };
  await t.rejects(rows.search({ near, limit: 5, filter: deep }), { code: 'FILTER_TOO_DEEP' });
  await rows.upsert(rowsFrom(20, 1));
  await t.rejects(rows.search({ near, limit: 5 }), { code: 'SCAN_TOO_LARGE' });
});

t.test('the records that a filter reads for want of an index count as rows of a scan', async (t) => {
  const schema = { ...SCHEMA, fields: { n: 'integer', m: { type: 'integer', index: false } } } as const;
  const db = await open(':memory:', { limits: { scanRows: 20 } });
  t.teardown(() => db.close());
  const rows = await db.collection('rows', schema);
  await rows.upsert(rowsFrom(0, 20).map((row) => ({ ...row, m: row.n })));
  const near = { vector: 'v', value: vector() } as const;
  t.equal((await rows.search({ near, limit: 20, filter: { m: { $gte: 10 } } })).hits.length, 10);
  await rows.upsert(rowsFrom(20, 5).map(({ id, n }) => ({ id, n, m: n })));
  const tooLarge = { code: 'SCAN_TOO_LARGE', message: /would read too many stored records/ };
  await t.rejects(rows.search({ near, filter: { m: { $gte: 2 } } }), tooLarge);
  await t.rejects(rows.searchBatch([{ near, filter: { m: { $gte: 2 } } }]), tooLarge);
  // Few are left by what an index knows; to count is no search.
  t.equal((await rows.search({ near, filter: { n: { $gte: 15 }, m: { $gte: 16 } } })).hits.length, 4);
  t.equal(await rows.count({ m: { $gte: 2 } }), 21);
});

t.test('a scan that should follow a walk and would compare too many vectors is refused', async (t) => {
  const limits = { ...POLICY_LIMITS, minVectors: 16 };
  const db = await openWith(':memory:', { threads: 2, limits: { scanRows: 150 } }, limits);
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  await rows.upsert(rowsFrom(0, 400));
  await db.optimize();
  const { searchers } = db.context;
  const here = searchers.here.bind(searchers);
  // A walk that gives up at once.
  const givingUp = { kind: 'walk', effort: 10, budget: 0 } as const;
  searchers.here = (search) => here({ ...search, steps: search.steps.map(() => givingUp) });
  const query = { near: { vector: 'v', value: vector() }, limit: 10, strategy: 'walk', select: [] } as const;
  const allowed = { ...query, filter: { n: { $lt: 150 } } } as const;
  t.match(await rows.search(allowed), { info: { strategy: 'exact-completion', exact: true } });
  const refused = { code: 'SCAN_TOO_LARGE', message: /at most 150 vectors; received 151 vectors/ };
  await t.rejects(rows.search({ ...query, filter: { n: { $lt: 151 } } }), refused);
  const elsewhere = searchers.elsewhere.bind(searchers);
  let refusedThere = 0;
  searchers.here = (search) => here((last = search));
  let last: Parameters<typeof here>[0] | undefined;
  // Its own walk may give up, too.
  await rows.search({ ...query, filter: { n: { $lt: 151 } } }).catch(() => undefined);
  const [hand] = await elsewhere([{ ...last!, steps: [givingUp] }]);
  for (const { refused: vectors } of hand.actual) refusedThere += vectors;
  t.equal(refusedThere, 151);
});

t.test('limits are checked when the database is opened', async (t) => {
  await t.rejects(open(':memory:', { limits: { limit: 0 } }), { code: 'INVALID_ARGUMENT' });
  await t.rejects(open(':memory:', { limits: { limit: 100_001 } }), { code: 'INVALID_ARGUMENT' });
  await t.rejects(open(':memory:', { limits: { timeoutMs: 1.5 } }), { code: 'INVALID_ARGUMENT' });
  await t.rejects(open(':memory:', { limits: { depth: 1 } as never }), { code: 'UNKNOWN_OPTION' });
  await t.rejects(open(':memory:', { limits: 5 as never }), { code: 'INVALID_ARGUMENT' });
});

/** An encoder that answers queries only when it is aborted. */
const hanging: Encoder = {
  identity: { name: 'hanging', version: '1', checksum: '', options: {} },
  accepts: ['text'],
  output: { kind: 'dense', dimensions: 4, metric: 'cosine' },
  encode: (_inputs, options) =>
    new Promise((_resolve, reject) => {
      options!.signal!.addEventListener('abort', () => reject(new Error('aborted')));
    }),
  close: async () => undefined,
};

t.test('a search whose time is up while its text is encoded fails with TIMEOUT', async (t) => {
  const encoders: EncoderRegistry = {
    names: () => ['text:hanging'],
    resolve: async () => hanging,
    close: async () => undefined,
  };
  const schema = { fields: { a: 'text' }, vectors: { v: { from: ['a'], encoder: 'text:hanging' } } } as const;
  for (const [limits, timeoutMs] of [
    [{}, 1],
    [{ timeoutMs: 1 }, undefined],
    [{ timeoutMs: 1 }, 60_000],
  ] as const) {
    const db = await open(':memory:', { limits, encoders });
    const rows = await db.collection('rows', schema);
    await t.rejects(rows.search({ text: 'a', timeoutMs }), { code: 'TIMEOUT' });
    await t.rejects(rows.searchBatch([{ text: 'a', timeoutMs }, { text: 'b' }]), { code: 'TIMEOUT' });
    await db.close();
  }
});

t.test('segments are left out when the time is up, and the answer is refused or marked', async (t) => {
  const limits = { ...POLICY_LIMITS, minVectors: 16 };
  const db = await openWith(':memory:', { threads: 1 }, limits);
  t.teardown(() => db.close());
  const rows = await db.collection('rows', SCHEMA);
  await rows.upsert(rowsFrom(0, 200));
  await db.optimize();
  await rows.upsert(rowsFrom(200, 5));
  const { searchers } = db.context;
  const here = searchers.here.bind(searchers);
  searchers.here = (search) => here({ ...search, deadline: 1 });
  const query = { near: { vector: 'v', value: vector() }, limit: 10, timeoutMs: 60_000, select: [] } as const;
  await t.rejects(rows.search(query), { code: 'TIMEOUT' });
  const { hits, info } = await rows.search({ ...query, partial: true });
  t.match(info, { partial: true, exact: false });
  t.ok(info.recall < 0.1, `${info.recall}`);
  t.same(hits.map(({ id }) => id as number).sort(), [200, 201, 202, 203, 204]);
  searchers.here = here;
  t.match(await rows.search({ ...query, partial: true }), { info: { partial: undefined } });
});
