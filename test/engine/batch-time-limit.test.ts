// What becomes of the queries of a batch that had not begun when its time was up. No test waits for time: clocks and timers are moved.
import { mock } from 'node:test';
import t, { type Test } from 'tap';
import { openWith } from '@nearfield/engine/internals/database';
import { POLICY_LIMITS } from '@nearfield/engine/internals/segment/index';
import { slowClock } from '../slow-clock.js';
import { WordEncoder } from './small-encoders.js';

const HOUR = 3_600_000;
const near = { vector: 'v', value: Float32Array.of(1, 0) } as const;
/** Queries that are parsed and encoded together. */
const SLICE = 128;

async function rowsOf(t: Test, threads = 1) {
  const db = await openWith(':memory:', { threads }, { ...POLICY_LIMITS, minVectors: 16 });
  t.teardown(() => db.close());
  const words = new WordEncoder();
  const rows = await db.collection('rows', {
    fields: { n: 'integer', m: { type: 'integer', index: false }, title: 'text' },
    vectors: { v: { dimensions: 2, metric: 'dot' }, words: { from: ['title'], encoder: words } },
  });
  const record = (id: number) => ({ id, n: id % 4, m: id, title: 'word', vectors: { v: Float32Array.of(id, 1) } });
  await rows.upsert(Array.from({ length: 300 }, (_, id) => record(id)));
  await db.optimize();
  await rows.upsert(Array.from({ length: 100 }, (_, id) => record(300 + id)));
  return { rows, words, searchers: db.context.searchers };
}

/** Moves timers by hand until the test ends. */
function mockTimers(t: Test): void {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
}

const LATE = { hits: [], info: { partial: true, exact: false, recall: 0 } };

for (const threads of [1, 2]) {
  t.test(`at whichever look the time of a batch is up, each query has its answer, on ${threads} threads`, async (t) => {
    const { rows, searchers } = await rowsOf(t, threads);
    const ask = { near, select: [], limit: 5, partial: true, timeoutMs: HOUR } as const;
    const queries = Array.from({ length: 14 }, (_, i) => ({ ...ask, filter: i % 2 === 0 ? undefined : { n: i % 4 } }));
    const whole = await rows.searchBatch(queries);
    t.ok(whole.every(({ hits, info }) => hits.length === 5 && info.partial === undefined));
    let [looks, up] = [0, Infinity];
    searchers.now = () => (++looks >= up ? Infinity : 0);
    await rows.searchBatch(queries);
    const total = looks;
    t.ok(total >= queries.length, `${total} looks`);
    for (up = 1; up <= total; up++) {
      looks = 0;
      const results = await rows.searchBatch(queries);
      t.equal(results.length, queries.length);
      t.ok(results.some(({ info }) => info.partial === true));
      for (const [i, { hits, info }] of results.entries()) {
        if (info.partial !== true) t.strictSame(hits, whole[i].hits, `query ${i}, look ${up}`);
        else t.ok(info.recall <= 1 && !info.exact && hits.length <= 5);
      }
      // The last query without `partial` is not looked at before its search.
      if (up === total) continue;
      looks = 0;
      const mixed = queries.map((query, i) => ({ ...query, partial: i < queries.length - 1 }));
      await t.rejects(rows.searchBatch(mixed), { code: 'TIMEOUT' }, `look ${up}`);
    }
  });
}

t.test('what was not begun has no hits, and tells between which numbers matches are', async (t) => {
  const { rows, searchers } = await rowsOf(t);
  searchers.now = () => Infinity;
  const ask = { near, partial: true, timeoutMs: HOUR, limit: 5 } as const;
  const both = [near, { vector: 'words', text: 'word' }] as const;
  const [first, plain, filtered, none, words, fused] = await rows.searchBatch([
    ask,
    ask,
    { ...ask, filter: { n: 1 } },
    { ...ask, filter: { n: 9 } },
    { ...ask, near: both[1] },
    { ...ask, near: both },
  ]);
  const alone = await rows.search(ask);
  t.same(first.hits, alone.hits);
  t.same({ ...first.info, tookMs: 0 }, { ...alone.info, tookMs: 0 }, 'the first is as one alone');
  t.match(plain, { ...LATE, info: { ...LATE.info, matches: { min: 0, max: 400 }, strategy: alone.info.strategy } });
  t.match(filtered, { ...LATE, info: { ...LATE.info, matches: { min: 0, max: 100 } } });
  t.match(none, { hits: [], info: { partial: true, exact: false, matches: 0 } });
  for (const late of [words, fused]) t.match(late, LATE);
});

t.test('the time of a batch may be up while a later part of it is encoded', async (t) => {
  const { rows, words } = await rowsOf(t);
  mockTimers(t);
  const ask = { near: { vector: 'words', text: 'word' }, select: [], partial: true, timeoutMs: HOUR } as const;
  const queries = Array.from({ length: SLICE + 3 }, (_, i) => ({ ...ask, near: { ...ask.near, text: `word ${i}` } }));
  let upAt = 2;
  const tickAt = () => {
    words.calls.length = 0;
    words.pause = async () => {
      if (words.calls.length === upAt) mock.timers.tick(HOUR);
    };
  };
  tickAt();
  const results = await rows.searchBatch(queries);
  t.ok(results.slice(0, SLICE).every(({ hits, info }) => hits.length === 10 && info.partial === undefined));
  for (const late of results.slice(SLICE)) t.match(late, LATE);
  t.equal(results.length, queries.length);
  tickAt();
  await t.rejects(rows.searchBatch([...queries, { ...ask, partial: false }]), { code: 'TIMEOUT' });
  upAt = 1;
  tickAt();
  await t.rejects(rows.searchBatch(queries), { code: 'TIMEOUT' }, 'the first part, as of a single search');
  tickAt();
  await t.rejects(rows.search(ask), { code: 'TIMEOUT' });
});

t.test('the time of a batch may be up while a later filter is evaluated', async (t) => {
  const { rows } = await rowsOf(t);
  mockTimers(t);
  const ask = { near, select: [], partial: true, timeoutMs: HOUR } as const;
  const slow = { ...ask, filter: { m: { $gte: 0 } } } as const;
  slowClock(t);
  const whileFiltered = <T>(call: () => Promise<T>) => {
    // A filter gives way behind each record that it reads, and nothing before it does.
    setImmediate(() => mock.timers.tick(HOUR));
    return call();
  };
  const [, late, last] = await whileFiltered(() => rows.searchBatch([ask, slow, ask]));
  for (const result of [late, last]) t.match(result, LATE);
  await t.rejects(
    whileFiltered(() => rows.searchBatch([ask, { ...slow, partial: false }])),
    { code: 'TIMEOUT' },
  );
  await t.rejects(
    whileFiltered(() => rows.searchBatch([slow, ask])),
    { code: 'TIMEOUT' },
    'the first',
  );
  await t.rejects(
    whileFiltered(() => rows.search(slow)),
    { code: 'TIMEOUT' },
    'a single search',
  );
});

t.test('an abort by the caller ends a batch that has time, and one whose time is up', async (t) => {
  const { rows, words } = await rowsOf(t);
  mockTimers(t);
  const ask = { near: { vector: 'words', text: 'word' }, select: [], partial: true, timeoutMs: HOUR } as const;
  const queries = Array.from({ length: SLICE + 1 }, () => ask);
  for (const isUp of [false, true]) {
    words.calls.length = 0;
    const controller = new AbortController();
    words.pause = async () => {
      if (words.calls.length < 2) return;
      if (isUp) mock.timers.tick(HOUR);
      controller.abort();
    };
    await t.rejects(rows.searchBatch(queries, { signal: controller.signal }), { code: 'ABORTED' });
  }
});
