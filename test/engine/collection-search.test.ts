import t from 'tap';
import { open, type Query } from '@nearfield/engine';
import { LetterEncoder, WordEncoder } from './small-encoders.js';

function schemaOf(strengths: { words?: number; letters?: number } = {}) {
  return {
    fields: { title: 'text', n: 'integer', tags: 'keyword[]', born: 'datetime', extra: 'json' },
    vectors: {
      a: { dimensions: 2, metric: 'dot' },
      b: { dimensions: 2, metric: 'euclidean' },
      words: { from: ['title'], encoder: new WordEncoder(strengths.words) },
      letters: { from: ['title'], encoder: new LetterEncoder(strengths.letters) },
    },
  } as const;
}

async function rowsOf(strengths: { words?: number; letters?: number } = {}) {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  return { db, rows: await db.collection('rows', schemaOf(strengths)) };
}

/** Records p, q, r with dot products 10, 6, 2 along (1, 0), and distances 0, 1, 4 from (0, 0). */
async function three() {
  const { rows, db } = await rowsOf();
  await rows.upsert([
    { id: 'p', title: 'alpha beta', vectors: { a: Float32Array.of(10, 0), b: Float32Array.of(0, 4) } },
    { id: 'q', title: 'beta', vectors: { a: Float32Array.of(6, 0), b: Float32Array.of(0, 0) } },
    { id: 'r', title: 'gamma', vectors: { a: Float32Array.of(2, 0), b: Float32Array.of(1, 0) } },
    { id: 's', title: 'delta', vectors: { b: Float32Array.of(0, 8) } },
  ]);
  return { rows, db };
}

const legA = { vector: 'a', value: Float32Array.of(1, 0) } as const;
const legB = { vector: 'b', value: Float32Array.of(0, 0) } as const;

type Hits = readonly { id: unknown; score: number }[];

const brief = (hits: Hits) => hits.map(({ id, score }) => [id, Number(score.toFixed(5))]);

t.test('with one leg the score is its own, higher is nearer', async (t) => {
  const { rows } = await three();
  const a = await rows.search({ near: legA });
  t.same(brief(a.hits), [
    ['p', 10],
    ['q', 6],
    ['r', 2],
  ]);
  t.same(a.hits[0].scores, { a: { score: 10, rank: 1 } });
  t.same(brief((await rows.search({ near: [legB] })).hits), [
    ['q', -0],
    ['r', -1],
    ['p', -4],
    ['s', -8],
  ]);
  const { tookMs, ...info } = a.info;
  t.same(info, { exact: true, recall: 1, matches: 3, strategy: 'exact-scan' });
  t.ok(tookMs >= 0);
});

t.test('relative fusion is the weighted mean of min-max scores', async (t) => {
  const { rows } = await three();
  // a: p 1, q .5, r 0; b: q 1, r .875, p .5, s 0.
  const even = await rows.search({ near: [legA, legB] });
  t.same(brief(even.hits), [
    ['p', 0.75],
    ['q', 0.75],
    ['r', 0.4375],
    ['s', 0],
  ]);
  t.same(even.hits[1].scores, { a: { score: 6, rank: 2 }, b: { score: 0, rank: 1 } });
  t.same(even.hits[3].scores, { b: { score: -8, rank: 4 } });
  const weighted = await rows.search({
    near: [
      { ...legA, weight: 3 },
      { ...legB, weight: 1 },
    ],
    fuse: 'relative',
  });
  t.same(brief(weighted.hits), [
    ['p', 0.875],
    ['q', 0.625],
    ['r', 0.21875],
    ['s', 0],
  ]);
  const one = await rows.search({
    near: [
      { ...legA, weight: 1 },
      { ...legB, weight: 0 },
    ],
  });
  t.same(
    one.hits.map(({ id }) => id),
    ['p', 'q', 'r', 's'],
  );
  const depth = await rows.search({ near: [legA, legB], fuse: { relative: { depth: 2 } }, limit: 2 });
  // Two candidates a leg: a p 1, q 0; b q 1, r 0.
  t.same(brief(depth.hits), [
    ['p', 0.5],
    ['q', 0.5],
  ]);
});

t.test('reciprocal rank fusion counts places only', async (t) => {
  const { rows } = await three();
  const { hits } = await rows.search({ near: [legA, { ...legB, weight: 2 }], fuse: { rrf: { k: 1 } } });
  t.same(brief(hits), [
    ['q', Number((1 / 3 + 2 / 2).toFixed(5))],
    ['p', Number((1 / 2 + 2 / 4).toFixed(5))],
    ['r', Number((1 / 4 + 2 / 3).toFixed(5))],
    ['s', Number((2 / 5).toFixed(5))],
  ]);
  const standard = await rows.search({ near: [legA, legB], fuse: 'rrf' });
  t.equal(standard.hits[0].id, 'q');
  t.equal(standard.hits[0].score, 1 / 62 + 1 / 61);
});

t.test('an empty leg changes nothing', async (t) => {
  const { rows } = await three();
  const alone = await rows.search({ near: [legA, legB] });
  for (const text of ['nowhere', '!!!']) {
    const beside = await rows.search({ near: [legA, legB, { vector: 'words', text, weight: 100 }] });
    t.strictSame(beside.hits, alone.hits, text);
  }
  // Letters of no alphabet: an embedding of zeros.
  const none = await rows.search({ text: '橋' });
  t.same(none.hits, []);
  t.equal(none.info.matches, 0);
});

t.test('the legs of a text weigh what their encoders declare', async (t) => {
  const { rows } = await rowsOf({ words: 3, letters: 0.5 });
  await rows.upsert([
    { id: 1, title: 'beta' },
    { id: 2, title: 'abet beat' },
  ]);
  const { legs, fusion } = await rows.explain({ text: 'beta' });
  t.match(legs, [
    { vector: 'words', weight: 3, kind: 'postings-scan' },
    { vector: 'letters', weight: 0.5, kind: 'dense' },
  ]);
  t.match(fusion, { kind: 'relative' });
  t.equal((await rows.search({ text: 'beta' })).hits[0].id, 1);
});

t.test('explain gives a frozen plan and runs nothing', async (t) => {
  const { rows } = await three();
  const plan = await rows.explain({ near: legA, filter: { n: 1, extra: { $exists: true } }, limit: 3, offset: 2 });
  t.match(plan, {
    kind: 'query-plan',
    strategy: 'no-match',
    exact: true,
    rows: 4,
    filter: { columns: ['n'], payloads: ['extra'], estimate: { max: 0 }, matches: undefined },
    legs: [{ vector: 'a', limit: 5, vectors: 3 }],
    fusion: undefined,
    limit: 3,
    offset: 2,
  });
  t.ok(Object.isFrozen(plan) && Object.isFrozen(plan.legs));
});

t.test('two legs on one vector both count and are told apart', async (t) => {
  const { rows } = await three();
  const { hits } = await rows.search({ near: [legA, { vector: 'a', value: Float32Array.of(-1, 0) }] });
  t.same(Object.keys(hits[0].scores), ['a', 'a:2']);
  t.same(brief(hits), [
    ['p', 0.5],
    ['q', 0.5],
    ['r', 0.5],
  ]);
});

t.test('near an id is near its vector, itself first, for dense and sparse ones', async (t) => {
  const { rows } = await three();
  t.same(
    (await rows.search({ near: { vector: 'b', id: 'p' } })).hits.map(({ id }) => id),
    ['p', 'q', 's', 'r'],
  );
  t.same(
    (await rows.search({ near: { vector: 'words', id: 'p' } })).hits.map(({ id }) => id),
    ['p', 'q'],
  );
  await t.rejects(rows.search({ near: { vector: 'a', id: 's' } }), { code: 'INVALID_QUERY', details: { record: 's' } });
});

t.test('minScore leaves out lower hits', async (t) => {
  const { rows } = await three();
  t.same(brief((await rows.search({ near: legA, minScore: 6 })).hits), [
    ['p', 10],
    ['q', 6],
  ]);
  t.same((await rows.search({ near: legA, minScore: 11 })).hits, []);
  t.equal((await rows.search({ near: [legA, legB], minScore: 0.7 })).hits.length, 2);
});

t.test('hits carry what is stored, and a hit that is changed changes nothing stored', async (t) => {
  const { rows } = await rowsOf();
  const record = { id: 1, title: 'a', tags: ['x', 'y'], born: new Date(5), extra: { deep: [{ b: 1 }] } };
  await rows.upsert({ ...record, vectors: { a: Float32Array.of(3, 4) } });
  const read = async () => (await rows.search({ near: legA, vectors: true })).hits[0].record as Record<string, unknown>;
  const first = await read();
  t.strictSame(first, {
    ...record,
    vectors: { a: Float32Array.of(3, 4), letters: (await rows.get(1, { vectors: true }))!.vectors!.letters },
  });
  (first.tags as string[]).push('z');
  (first.born as Date).setTime(0);
  (first.extra as { deep: unknown[] }).deep.length = 0;
  (first.vectors as { a: Float32Array }).a.fill(9);
  first.title = 'changed';
  t.strictSame(await read(), { ...record, vectors: (await read()).vectors });
  t.equal(await rows.count({ tags: { $any: ['z'] } }), 0);
  t.equal(await rows.count({ tags: { $all: ['x', 'y'] }, born: new Date(5) }), 1);
  t.equal((await rows.search({ near: legA })).hits[0].score, 3);
});

t.test('what was upserted can be changed afterwards without any effect', async (t) => {
  const { rows } = await rowsOf();
  const record = { id: 1, tags: ['x'], born: new Date(5), extra: { list: [1] } };
  await rows.upsert(record);
  record.tags.push('y');
  record.born.setTime(0);
  record.extra.list.push(2);
  t.same(await rows.get(1), { id: 1, tags: ['x'], born: new Date(5), extra: { list: [1] } });
  t.equal(await rows.count({ tags: 'y' }), 0);
  t.equal(await rows.count({ born: { $eq: new Date(5) } }), 1);
});

t.test('select chooses fields, and [] reads no record', async (t) => {
  const { rows, db } = await three();
  const first = async (query: Partial<Query<ReturnType<typeof schemaOf>>>) =>
    (await rows.search({ near: legA, limit: 1, ...query })).hits[0];
  t.same((await first({ select: ['title'] })).record, { id: 'p', title: 'alpha beta' });
  t.same((await first({ select: ['n'] })).record, { id: 'p' });
  t.same((await first({ select: [], vectors: true })).record?.vectors?.a, Float32Array.of(10, 0));
  // With its payload spoiled, a record can be found, but not read.
  db.sql.exec("UPDATE nf_records_1 SET payload = x'c1' WHERE id = 'p'");
  const bare = await first({ select: [] });
  t.strictSame(Object.keys(bare), ['id', 'score', 'scores']);
  await t.rejects(first({}), { code: 'CORRUPT' });
});

t.test('pages of tied hits are disjoint, complete and by id', async (t) => {
  const { rows } = await rowsOf();
  const ids = [...Array.from({ length: 40 }, (_, i) => 39 - i), ...Array.from({ length: 40 }, (_, i) => `s${i + 10}`)];
  await rows.upsert(ids.map((id) => ({ id, title: 'same', vectors: { a: Float32Array.of(1, 1) } })));
  const expected = ids.toSorted((x, y) => (typeof x === typeof y ? (x < y ? -1 : 1) : typeof x === 'number' ? -1 : 1));
  for (const query of [{ near: legA }, { near: { vector: 'words', text: 'same' } }, { text: 'same' }] as const) {
    const pages: unknown[] = [];
    for (let offset = 0; offset < 90; offset += 7) {
      const { hits, info } = await rows.search({ ...query, offset, limit: 7, select: [] });
      t.equal(info.matches, 80);
      pages.push(...hits.map(({ id }) => id));
    }
    t.same(pages, expected, JSON.stringify(Object.keys(query)));
  }
});

t.test('pages of a fusion do not move with the offset', async (t) => {
  const { rows } = await rowsOf();
  const records = Array.from({ length: 150 }, (_, id) => ({
    id,
    title: id % 3 === 0 ? 'word' : 'other word',
    vectors: { a: Float32Array.of(Math.sin(id), 1), b: Float32Array.of(Math.cos(id), 0) },
  }));
  await rows.upsert(records);
  const query = { text: 'word', near: [legA, legB], select: [] } as const;
  const whole = await rows.search({ ...query, limit: 150 });
  const pages: unknown[] = [];
  for (let offset = 0; offset < 150; offset += 10)
    pages.push(...(await rows.search({ ...query, offset, limit: 10 })).hits);
  t.strictSame(pages, whole.hits);
});

t.test('a batch of searches gives what each gives alone, and encodes together', async (t) => {
  const { rows } = await three();
  const queries = [
    { near: legA },
    { text: 'beta' },
    { text: 'gamma', filter: { n: { $exists: false } } },
    { near: legB },
  ] as const;
  const alone = [];
  for (const query of queries) alone.push((await rows.search(query)).hits);
  const together = await rows.searchBatch(queries);
  t.strictSame(
    together.map(({ hits }) => hits),
    alone,
  );
  t.same(await rows.searchBatch([]), []);
});

t.test('a filter never costs a match', async (t) => {
  const { rows } = await rowsOf();
  await rows.upsert(
    Array.from({ length: 3000 }, (_, id) => ({ id, n: id % 1000, vectors: { a: Float32Array.of(id, 0) } })),
  );
  // The three that match are the farthest ones.
  const { hits, info } = await rows.search({
    near: { vector: 'a', value: Float32Array.of(-1, 0) },
    filter: { n: 999 },
  });
  t.same(
    hits.map(({ id }) => id),
    [999, 1999, 2999],
  );
  t.equal(info.matches, 3);
  const near = await rows.search({ near: legA, filter: { id: { $in: [1, 2, '3'] } } });
  t.same(
    near.hits.map(({ id }) => id),
    [2, 1],
  );
});

t.test('a query vector may be filled anew as soon as the search has been called', async (t) => {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', { vectors: { v: { dimensions: 2 } } });
  await rows.upsert([
    { id: 'x', vectors: { v: Float32Array.of(1, 0) } },
    { id: 'y', vectors: { v: Float32Array.of(0, 1) } },
  ]);
  const value = Float32Array.of(1, 0);
  const first = rows.search({ near: { vector: 'v', value }, limit: 1 });
  value.set([0, 1]);
  const second = rows.search({ near: { vector: 'v', value }, limit: 1 });
  value.fill(NaN);
  t.same(
    (await Promise.all([first, second])).map(({ hits }) => hits[0].id),
    ['x', 'y'],
  );
});

t.test('a query has a bounded number of legs', async (t) => {
  const db = await open(':memory:');
  t.teardown(() => db.close());
  const rows = await db.collection('rows', { vectors: { v: { dimensions: 2 } } });
  await rows.upsert({ id: 1, vectors: { v: Float32Array.of(1, 0) } });
  const legs = (length: number) =>
    rows.search({ near: Array.from({ length }, () => ({ vector: 'v', id: 1 }) as const) });
  t.equal((await legs(256)).hits.length, 1);
  for (const length of [257, 200_000])
    await t.rejects(legs(length), { code: 'INVALID_QUERY', details: { field: 'near' } });
});
