// Large pages are read in several turns of the event loop. Each test does something at a certain read of a record, and so between two.
import { join } from 'node:path';
import { mock } from 'node:test';
import t, { type Test } from 'tap';
import { open } from '@nearfield/engine';
import { openWith } from '@nearfield/engine/internals/database';
import { POLICY_LIMITS } from '@nearfield/engine/internals/segment/index';
import { CollectionStore } from '@nearfield/engine/internals/store/collection-store';
import { slowClock } from '../slow-clock.js';

const RECORDS = 3000;
const PAGE = 2000;
const near = { vector: 'v', value: Float32Array.of(1, 0) } as const;
const query = { near, limit: PAGE } as const;
/** More than any test takes. */
const HOUR = 3_600_000;

/** The record at a place of the ranking, from 0, in a version. */
const record = (place: number, version = 0) => ({
  id: place,
  version,
  vectors: { v: Float32Array.of(RECORDS - place + version / 4, 1) },
});

async function rowsOf(t: Test) {
  const db = await openWith(':memory:', { threads: 2 }, { ...POLICY_LIMITS, minVectors: 1_000_000 });
  t.teardown(() => db.close());
  const rows = await db.collection('rows', {
    fields: { version: 'integer' },
    vectors: { v: { dimensions: 2, metric: 'dot' } },
  });
  await rows.upsert(Array.from({ length: RECORDS }, (_, place) => record(place)));
  const { searchers } = db.context;
  const elsewhere = searchers.elsewhere.bind(searchers);
  const attempts = { made: 0 };
  searchers.elsewhere = (searches) => {
    attempts.made++;
    return elsewhere(searches);
  };
  return { db, rows, attempts };
}

/** Until the test ends, `onRead` is called before each read of a record's fields with the number of reads so far. */
function watchReads(t: Test, onRead: (reads: number) => void): { reads: number } {
  const watched = { reads: 0 };
  const { payload } = CollectionStore.prototype;
  CollectionStore.prototype.payload = function (key) {
    onRead(++watched.reads);
    return payload.call(this, key);
  };
  t.teardown(() => (CollectionStore.prototype.payload = payload));
  return watched;
}

type Rows = Awaited<ReturnType<typeof rowsOf>>['rows'];

const WRITES: Record<string, (rows: Rows, places: number[]) => Promise<unknown>> = {
  deleted: (rows, places) => rows.delete(places),
  replaced: (rows, places) => rows.upsert(places.map((place) => record(place, 1))),
};

for (const [name, write] of Object.entries(WRITES)) {
  for (const [when, places, tries] of [
    ['that were read', [0, 1, 2, 3], 1],
    ['that will be read', [PAGE - 2, PAGE - 1], 2],
    ['some of which were read', [0, PAGE - 1], 2],
    ['that are not in the page', [PAGE + 1, RECORDS - 1], 1],
  ] as const) {
    t.test(`a page has one state of the rows when records ${when} are ${name} meanwhile`, async (t) => {
      const { rows, attempts } = await rowsOf(t);
      const before = await rows.search(query);
      attempts.made = 0;
      slowClock(t);
      let written: Promise<unknown> | undefined;
      const watched = watchReads(t, (reads) => {
        if (reads === 500) written = write(rows, [...places]);
      });
      const { hits, info } = await rows.search(query);
      const { reads } = watched;
      await written;
      const after = await rows.search(query);
      t.equal(attempts.made - 1, tries, 'attempts');
      const expected = tries === 1 ? before : after;
      t.strictSame(hits, expected.hits);
      t.equal(info.matches, expected.info.matches);
      t.equal(info.partial, undefined);
      t.ok(reads < PAGE + 2 * places.length + 1, `nothing is read twice: ${reads}`);
    });
  }
}

t.test('a page has one state of the rows while another thread commits to a file', async (t) => {
  const db = await open(join(t.testdir(), 'a.nf'), { durability: 'relaxed', threads: 2 });
  t.teardown(() => db.close());
  const rows = await db.collection('rows', {
    fields: { version: 'integer' },
    vectors: { v: { dimensions: 2, metric: 'dot' } },
  });
  await rows.upsert(Array.from({ length: RECORDS }, (_, place) => record(place)));
  slowClock(t);
  const stop = new AbortController();
  const pair = [0, PAGE - 1] as const;
  const writer = (async () => {
    for (let version = 1; !stop.signal.aborted; version++)
      await rows.upsert(pair.map((place) => record(place, version)));
  })();
  for (let search = 0; search < 5; search++) {
    const { hits } = await rows.search(query);
    t.equal(hits.length, PAGE);
    const [first, last] = pair.map((place) => hits.find(({ id }) => id === place)!);
    t.equal(first.record.version, last.record.version);
    for (const { score, record: read } of [first, last]) {
      t.equal(score, record(read.id as number, read.version).vectors.v[0], 'the score of that version');
    }
  }
  stop.abort();
  await writer;
});

t.test('a page that is found and ordered while records come has those that there were', async (t) => {
  const { db, rows } = await rowsOf(t);
  const before = await rows.search({ ...query, select: [] });
  const { searchers } = db.context;
  const { elsewhere } = searchers;
  const better = [1, 2].map((more) => ({ ...record(-more), id: RECORDS + more }));
  let written: Promise<unknown> | undefined;
  searchers.elsewhere = async (searches) => {
    const hands = await elsewhere(searches);
    // The page is ordered in the turns that follow.
    setImmediate(() => (written = rows.upsert(better)));
    return hands;
  };
  slowClock(t);
  t.strictSame((await rows.search({ ...query, select: [] })).hits, before.hits);
  await written;
  t.same(
    (await rows.search({ near, limit: 2, select: [] })).hits.map(({ id }) => id),
    [RECORDS + 2, RECORDS + 1],
  );
});

t.test('a page whose records go again and again is read in one turn in the end', async (t) => {
  const { db, rows, attempts } = await rowsOf(t);
  const { searchers } = db.context;
  const { elsewhere } = searchers;
  const gone: number[] = [];
  searchers.elsewhere = async (searches) => {
    const hands = await elsewhere(searches);
    const last = PAGE - 1 + gone.length;
    gone.push(last);
    // Behind the turn in which the page is begun, and long before its last record is read.
    setImmediate(() => void rows.delete(last));
    return hands;
  };
  slowClock(t);
  const watched = watchReads(t, () => undefined);
  const { hits } = await rows.search(query);
  t.equal(attempts.made, 3);
  t.same(gone, [PAGE - 1, PAGE, PAGE + 1]);
  const ids = Array.from({ length: PAGE + 3 }, (_, id) => id).filter((id) => !gone.includes(id));
  t.same(
    hits.map(({ id }) => id),
    ids,
  );
  t.equal(watched.reads, PAGE + 3, 'each record is read once, but for those that are not there');
});

t.test('a page that was begun in a table that another one took the place of is of one state', async (t) => {
  const { db, rows } = await rowsOf(t);
  await rows.delete(Array.from({ length: 500 }, (_, i) => PAGE + 100 + i));
  const before = await rows.search(query);
  slowClock(t);
  let rewritten = false;
  watchReads(t, (reads) => {
    if (reads === 100) void db.optimize().then(() => (rewritten = true));
  });
  t.strictSame((await rows.search(query)).hits, before.hits);
  t.ok(rewritten, 'meanwhile');
});

t.test('reading a page ends between two records when its caller aborts, or its time is up', async (t) => {
  const { rows } = await rowsOf(t);
  slowClock(t);
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  let act = (): void => undefined;
  const watched = watchReads(t, (reads) => {
    if (reads === 100) act();
  });
  const asks: ((signal: AbortSignal) => Promise<unknown>)[] = [
    (signal: AbortSignal) => rows.search(query, { signal }),
    (signal: AbortSignal) => rows.searchBatch([query, query], { signal }),
    (signal: AbortSignal) => rows.search({ ...query, partial: true, timeoutMs: HOUR }, { signal }),
    (signal: AbortSignal) =>
      rows.get(
        Array.from({ length: PAGE }, (_, id) => id),
        { signal },
      ),
  ];
  for (const ask of asks) {
    const controller = new AbortController();
    act = () => controller.abort();
    watched.reads = 0;
    await t.rejects(ask(controller.signal), { code: 'ABORTED' });
    t.ok(watched.reads < 150, `${watched.reads} reads`);
  }
  act = () => mock.timers.tick(HOUR);
  watched.reads = 0;
  await t.rejects(rows.search({ ...query, timeoutMs: HOUR }), { code: 'TIMEOUT' });
  t.ok(watched.reads < 150, `${watched.reads} reads`);
});

t.test('with `partial` what was found when the time is up is read, but for what goes meanwhile', async (t) => {
  const { rows, attempts } = await rowsOf(t);
  const before = await rows.search(query);
  slowClock(t);
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  let written: Promise<unknown> | undefined;
  let gone: number[] = [];
  const watched = watchReads(t, (reads) => {
    if (reads !== 100) return;
    mock.timers.tick(HOUR);
    if (gone.length > 0) written = rows.delete(gone);
  });
  const whole = await rows.search({ ...query, partial: true, timeoutMs: HOUR });
  t.strictSame(whole.hits, before.hits);
  t.match(whole.info, { partial: undefined, exact: true });
  watched.reads = 0;
  attempts.made = 0;
  gone = [PAGE - 3, PAGE - 1];
  const rest = await rows.search({ ...query, partial: true, timeoutMs: HOUR });
  await written;
  t.equal(attempts.made, 1);
  t.strictSame(
    rest.hits,
    before.hits.filter(({ id }) => !gone.includes(id as number)),
  );
  t.match(rest.info, { partial: true, exact: false, recall: (PAGE - 2) / PAGE });
});

t.test('records that are got together are of one state, whatever is written meanwhile', async (t) => {
  const { rows } = await rowsOf(t);
  const ids = Array.from({ length: PAGE }, (_, id) => id);
  const versions = async () => (await rows.get([0, PAGE - 1])).map((found) => found?.version);
  slowClock(t);
  let writes = 0;
  let most = 1;
  const watched = watchReads(t, (reads) => {
    if (reads % 500 !== 100 || writes === most) return;
    writes++;
    void rows.upsert([record(0, writes), record(PAGE - 1, writes)]);
  });
  for (most of [1, 100]) {
    writes = watched.reads = 0;
    const found = await rows.get(ids);
    t.equal(found.length, PAGE);
    t.equal(found[0]?.version, found[PAGE - 1]?.version, `${writes} writes`);
    t.ok(writes > 0);
  }
  most = writes;
  const [first, last] = await versions();
  t.equal(first, last);
});

t.test('of several vectors of a record the nearest is named in a large page, too, while records go', async (t) => {
  const db = await open(':memory:', { threads: 2 });
  t.teardown(() => db.close());
  const rows = await db.collection('rows', { fields: {}, vectors: { v: { dimensions: 2, metric: 'dot' } } });
  const parts = (id: number) => [Float32Array.of(-id, 1), Float32Array.of(RECORDS - id, 1)];
  await rows.upsert(Array.from({ length: RECORDS }, (_, id) => ({ id, vectors: { v: parts(id) } })));
  const ask = () => rows.search({ ...query, select: [] });
  const { hits } = await ask();
  t.ok(hits.every(({ scores }) => scores.v.part === 1));
  const { searchers } = db.context;
  const nearestPart = searchers.nearestPart.bind(searchers);
  let looked = 0;
  let written: Promise<unknown> | undefined;
  searchers.nearestPart = (...args) => {
    if (++looked === 100) written = rows.delete(PAGE - 1);
    return nearestPart(...args);
  };
  slowClock(t);
  const found = (await ask()).hits;
  await written;
  t.strictSame(found, (await ask()).hits);
  t.notOk(found.some(({ id }) => id === PAGE - 1));
});

t.test('of several vectors the nearest is named when rows have new numbers by then', async (t) => {
  const db = await openWith(':memory:', { threads: 2 }, { ...POLICY_LIMITS, minVectors: 1_000_000 });
  t.teardown(() => db.close());
  const rows = await db.collection('rows', { fields: {}, vectors: { v: { dimensions: 2, metric: 'dot' } } });
  const count = 12_000;
  const parts = (id: number) => {
    const both = [Float32Array.of(-id, 1), Float32Array.of(count - id, 1)];
    return id % 2 === 0 ? both : both.reverse();
  };
  await rows.upsert(Array.from({ length: count }, (_, id) => ({ id, vectors: { v: parts(id) } })));
  // An odd number: old and new numbers of rows are those of records whose nearest parts differ.
  await rows.delete(Array.from({ length: 901 }, (_, id) => id));
  const { searchers } = db.context;
  const nearestPart = searchers.nearestPart.bind(searchers);
  let looked = 0;
  let rewritten: number | undefined;
  searchers.nearestPart = (...args) => {
    if (++looked === 100) void db.optimize().then(() => (rewritten = looked));
    return nearestPart(...args);
  };
  slowClock(t);
  const { hits } = await rows.search({ near, limit: 10_000, select: [] });
  t.ok(rewritten !== undefined && rewritten < 10_000, `the rows have new numbers after ${rewritten} records`);
  t.equal(hits.length, 10_000);
  t.ok(hits.every(({ id, scores }) => scores.v.part === (Number(id) % 2 === 0 ? 1 : 0)));
});
