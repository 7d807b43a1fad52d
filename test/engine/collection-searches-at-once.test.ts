import t, { type Test } from 'tap';
import { openWith } from '@nearfield/engine/internals/database';
import { POLICY_LIMITS } from '@nearfield/engine/internals/segment/index';
import { seededRandom } from './filter/random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 19);
const DIMENSIONS = 12;
const RECORDS = 1500;

async function collection(t: Test, threads: number) {
  const random = seededRandom(SEED);
  const vector = () => Float32Array.from({ length: DIMENSIONS }, () => random() - 0.5);
  const db = await openWith(':memory:', { threads }, { ...POLICY_LIMITS, minVectors: 16 });
  t.teardown(() => db.close());
  const rows = await db.collection('rows', {
    fields: { n: 'integer' },
    vectors: { v: { dimensions: DIMENSIONS, metric: 'cosine', hnsw: { m: 8, efConstruction: 40 } } },
  });
  await rows.upsert(Array.from({ length: RECORDS }, (_, id) => ({ id, n: id % 7, vectors: { v: vector() } })));
  await db.optimize();
  return { rows, vector };
}

for (const threads of [1, 2, 4]) {
  t.test(
    `searches at once answer as one after the other, on ${threads} threads (NEARFIELD_SEED=${SEED})`,
    async (t) => {
      const { rows, vector } = await collection(t, threads);
      const queries = Array.from({ length: 60 }, (_, i) => ({
        near: { vector: 'v' as const, value: vector() },
        filter: i % 3 === 0 ? { n: { $lt: 1 + (i % 5) } } : undefined,
        limit: 1 + (i % 12),
        select: [] as const,
      }));
      const alone = [];
      for (const query of queries) alone.push((await rows.search(query)).hits);
      const together = await Promise.all(queries.map((query) => rows.search(query)));
      t.strictSame(
        together.map(({ hits }) => hits),
        alone,
      );
      t.strictSame(
        (await rows.searchBatch(queries)).map(({ hits }) => hits),
        alone,
        'and in a batch',
      );
    },
  );
}

t.test(`one of several searches at once that fails leaves the others alone (NEARFIELD_SEED=${SEED})`, async (t) => {
  const { rows, vector } = await collection(t, 2);
  const near = { vector: 'v', value: vector() } as const;
  const controller = new AbortController();
  const searches = [
    rows.search({ near, select: [] }),
    rows.search({ near, select: [] }, { signal: controller.signal }),
    rows.search({ near: { vector: 'v', id: 'nobody' }, select: [] }),
    rows.search({ near, select: [] }),
  ];
  controller.abort();
  const [first, aborted, missing, last] = await Promise.allSettled(searches);
  t.equal(first.status, 'fulfilled');
  t.match(aborted, { status: 'rejected', reason: { code: 'ABORTED' } });
  t.match(missing, { status: 'rejected', reason: { code: 'RECORD_NOT_FOUND' } });
  t.equal(last.status, 'fulfilled');
});

t.test(`walks on other threads are completed there where they end in a tie (NEARFIELD_SEED=${SEED})`, async (t) => {
  const random = seededRandom(SEED);
  const limits = { ...POLICY_LIMITS, minVectors: 16, maxSegmentBytes: 500_000 };
  const db = await openWith(':memory:', { threads: 2 }, limits);
  t.teardown(() => db.close());
  const rows = await db.collection('rows', {
    fields: {},
    vectors: { v: { dimensions: 8, metric: 'euclidean', hnsw: { m: 8, efConstruction: 40 } } },
  });
  // The distances to the vectors of the first segment are the roots of whole numbers: many tie. In the second none do.
  for (const noise of [0, 1]) {
    const vector = () => Float32Array.from({ length: 8 }, () => Math.floor(random() * 6) + noise * random());
    await rows.upsert(Array.from({ length: 2000 }, (_, i) => ({ id: noise * 2000 + i, vectors: { v: vector() } })));
    await db.optimize();
  }
  t.equal((await rows.stats()).vectors.v?.segments?.length, 2);
  for (const limit of [1100, 1300, 1500]) {
    const near = { vector: 'v', value: new Float32Array(8).fill(2) } as const;
    const query = { near, limit, select: [], strategy: 'walk' } as const;
    const exact = new Set((await rows.search({ near, limit, select: [], exact: true })).hits.map(({ id }) => id));
    for (const { hits, info } of await Promise.all([1, 2, 3, 4].map(() => rows.search(query)))) {
      t.equal(info.strategy, 'exact-completion');
      t.equal(hits.length, limit);
      const found = hits.filter(({ id }) => exact.has(id)).length;
      t.ok(found > 0.95 * limit, `${found} of ${limit}`);
    }
  }
});

for (const change of ['added', 'replaced'] as const) {
  t.test(`a search that waits for a thread answers for one state while records are ${change}`, async (t) => {
    // So small that what is written begins a segment which those that wait do not look at.
    const db = await openWith(':memory:', { threads: 2 }, { ...POLICY_LIMITS, flatBytes: 64 });
    t.teardown(() => db.close());
    const rows = await db.collection('rows', { fields: {}, vectors: { v: { dimensions: 4, metric: 'dot' } } });
    const record = (id: number, x: number) => ({ id, vectors: { v: Float32Array.of(x, 1, 1, 1) } });
    await rows.upsert(Array.from({ length: 101 }, (_, id) => record(id, id)));
    await rows.delete(100);
    const query = { near: { vector: 'v', value: Float32Array.of(1, 0, 0, 0) }, select: [] } as const;
    const answer = async (limit: number) => {
      const { hits, info } = await rows.search({ ...query, limit });
      return { ids: hits.map(({ id }) => id), matches: info.matches };
    };
    const state = async () =>
      new Map([
        [20, await answer(20)],
        [200, await answer(200)],
      ]);
    const before = await state();
    const { searchers } = db.context;
    const elsewhere = searchers.elsewhere.bind(searchers);
    let written: Promise<unknown> | undefined;
    searchers.elsewhere = async (searches) => {
      const changed = change === 'added' ? [record(200, 50), record(201, -1)] : [record(3, 90.5), record(4, 4.5)];
      await (written ??= rows.upsert(changed));
      return elsewhere(searches);
    };
    const answers = await Promise.all(
      [20, 200, 20, 200, 20, 200].map(async (limit) => ({ limit, found: await answer(limit) })),
    );
    t.not(written, undefined, 'some waited');
    const after = await state();
    for (const { limit, found } of answers) {
      const possible = [before, after].map((answered) => JSON.stringify(answered.get(limit)));
      t.ok(possible.includes(JSON.stringify(found)), `limit ${limit}: ${JSON.stringify(found)}`);
    }
  });
}
