import { join } from 'node:path';
import t from 'tap';
import { open, type RecordId } from '@nearfield/engine';
import { seededRandom, type Random } from './filter/random-filter.js';
import { WordEncoder } from './small-encoders.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 37);
const METRICS = ['cosine', 'dot', 'euclidean'] as const;

const SCHEMA = {
  fields: { title: 'text', n: 'integer' },
  vectors: {
    cosine: { dimensions: 2, metric: 'cosine' },
    dot: { dimensions: 2, metric: 'dot' },
    euclidean: { dimensions: 2, metric: 'euclidean' },
    words: { from: ['title'], encoder: new WordEncoder() },
  },
} as const;

const v = (...values: number[]) => Float32Array.from(values);

async function rowsOf(path = ':memory:') {
  const db = await open(path, { durability: 'relaxed' });
  t.teardown(() => db.close());
  return { db, rows: await db.collection('rows', SCHEMA) };
}

t.test('a hit says which of several vectors is the nearest, and nothing where there is one', async (t) => {
  const { rows } = await rowsOf();
  await rows.upsert([
    { id: 'one', vectors: { dot: v(5, 0) } },
    { id: 'list', vectors: { dot: [v(4, 0)] } },
    { id: 'many', vectors: { dot: [v(1, 0), v(6, 0), v(6, 0), v(3, 9)] } },
  ]);
  const { hits, info } = await rows.search({ near: { vector: 'dot', value: v(1, 0) } });
  t.strictSame(
    hits.map(({ id, score, scores }) => [id, score, scores.dot]),
    [
      ['many', 6, { score: 6, rank: 1, part: 1 }],
      ['one', 5, { score: 5, rank: 2 }],
      ['list', 4, { score: 4, rank: 3 }],
    ],
  );
  t.equal(info.matches, 3, 'records are counted, not vectors');
  t.equal((await rows.stats()).vectors.dot.count, 3);
  const plan = await rows.explain({ near: { vector: 'dot', value: v(1, 0) } });
  t.match(plan.legs, [{ vectors: 6 }], 'the plan counts what is scanned');
});

t.test('parts go through fusion, pages and a second leg on the same vector', async (t) => {
  const { rows } = await rowsOf();
  await rows.upsert([
    { id: 1, title: 'red', vectors: { dot: [v(1, 0), v(0, 4)], euclidean: v(0, 0) } },
    { id: 2, title: 'red red', vectors: { dot: v(2, 3), euclidean: [v(9, 9), v(0, 1)] } },
  ]);
  const near = [
    { vector: 'dot', value: v(1, 0) },
    { vector: 'dot', value: v(0, 1) },
    { vector: 'euclidean', value: v(0, 2) },
    { vector: 'words', text: 'red' },
  ] as const;
  for (const fuse of ['relative', 'rrf'] as const) {
    const { hits } = await rows.search({ near, fuse });
    const parts = Object.fromEntries(
      hits.map(({ id, scores }) => [id, Object.entries(scores).map(([leg, { part }]) => [leg, part])]),
    );
    t.strictSame(parts, {
      1: [
        ['dot', 0],
        ['dot:2', 1],
        ['euclidean', undefined],
        ['words', undefined],
      ],
      2: [
        ['dot', undefined],
        ['dot:2', undefined],
        ['euclidean', 1],
        ['words', undefined],
      ],
    });
    const second = await rows.search({ near, fuse, offset: 1, limit: 1 });
    t.strictSame(second.hits, hits.slice(1));
  }
});

t.test('several vectors come back as a list, each an array of its own, after reopening too', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const { db, rows } = await rowsOf(path);
  const given = [v(1, 2), v(-0.1, 1e-30), v(3, 4)];
  const kept = given.map((vector) => vector.slice());
  const writing = rows.upsert([
    { id: 'many', vectors: { dot: given, cosine: v(1, 1), euclidean: [v(7, 8)] } },
    { id: 'none', vectors: { dot: null } },
  ]);
  given[0].fill(0);
  given.pop();
  await writing;
  const vectors = { cosine: v(1, 1), dot: kept, euclidean: v(7, 8) };
  const check = async (collection: typeof rows) => {
    const stored = await collection.get('many', { vectors: true });
    t.strictSame(stored?.vectors, vectors);
    t.strictSame((await collection.get('none', { vectors: true }))?.vectors, {});
    const dot = stored?.vectors?.dot as Float32Array[];
    t.ok(dot.every(({ buffer, byteLength }) => buffer.byteLength === byteLength));
    const near = { vector: 'dot', value: v(0, 1) } as const;
    const [hit] = (await collection.search({ near, vectors: true })).hits;
    t.strictSame([hit.scores.dot, hit.record.vectors], [{ score: 4, rank: 1, part: 2 }, vectors]);
    for await (const row of collection.scan({ filter: { id: 'many' }, vectors: true }))
      t.strictSame(row.vectors, vectors);
  };
  await check(rows);
  await db.close();
  await check((await rowsOf(path)).rows);
});

t.test('an update replaces all vectors of a space, and keeps those of the others', async (t) => {
  const { rows } = await rowsOf();
  await rows.upsert({ id: 1, n: 1, vectors: { dot: [v(1, 0), v(2, 0)], euclidean: [v(1, 1), v(2, 2)] } });
  const vectors = async () => (await rows.get(1, { vectors: true }))?.vectors;
  await rows.update(1, { n: 2 });
  t.strictSame(await vectors(), { dot: [v(1, 0), v(2, 0)], euclidean: [v(1, 1), v(2, 2)] });
  await rows.update(1, { vectors: { dot: [v(3, 0), v(5, 0), v(4, 0)] } });
  t.strictSame(await vectors(), { dot: [v(3, 0), v(5, 0), v(4, 0)], euclidean: [v(1, 1), v(2, 2)] });
  const { hits } = await rows.search({ near: { vector: 'dot', value: v(1, 0) } });
  t.strictSame(
    hits.map(({ scores }) => scores.dot),
    [{ score: 5, rank: 1, part: 1 }],
  );
  await rows.update(1, { vectors: { dot: v(7, 0), euclidean: null } });
  t.strictSame(await vectors(), { dot: v(7, 0) });
});

t.test('a search near a record with several vectors is one for the best of any of them', async (t) => {
  const { rows } = await rowsOf();
  await rows.upsert([
    { id: 'like', vectors: { euclidean: [v(0, 0), v(10, 0)] } },
    { id: 'a', vectors: { euclidean: [v(3, 0), v(50, 50)] } },
    { id: 'b', vectors: { euclidean: v(11, 0) } },
    { id: 'c', vectors: { euclidean: v(5, 0) } },
  ]);
  const { hits } = await rows.search({ near: { vector: 'euclidean', id: 'like' } });
  t.strictSame(
    hits.map(({ id, score, scores }) => [id, score, scores.euclidean.part]),
    [
      ['like', 0, 0],
      ['b', -1, undefined],
      ['a', -3, 0],
      ['c', -5, undefined],
    ],
  );
});

t.test('a query searches for 256 vectors at most', async (t) => {
  const { rows, db } = await rowsOf();
  const many = (length: number) => Array.from({ length }, (_, i) => v(i, 1));
  await rows.upsert([
    { id: 1, vectors: { dot: many(128) } },
    { id: 2, vectors: { dot: many(129) } },
    { id: 3, vectors: { dot: many(1021) } },
  ]);
  const near = (...ids: number[]) => ({ near: ids.map((id) => ({ vector: 'dot', id }) as const) });
  const { searchers } = db.context;
  const here = searchers.here.bind(searchers);
  let asked: number[][] = [];
  searchers.here = (search) => {
    asked.push(Array.from(search.query).filter((_, i) => i % 2 === 0));
    return here(search);
  };
  const searched = async (...ids: number[]) => {
    asked = [];
    t.equal((await rows.search(near(...ids))).hits.length, 3);
    return asked;
  };
  t.same(
    await searched(1, 1),
    [many(128), many(128)].map((all) => all.map(([first]) => first)),
  );
  // Of a record that has more, as many are taken, evenly from the first to the last.
  const [thinned] = await searched(3);
  t.same(
    thinned,
    Array.from({ length: 256 }, (_, i) => 4 * i),
  );
  // What is few stays whole, and leaves the rest of the room to the others.
  const [few, many3] = await searched(1, 3);
  t.same([few.length, many3.length, many3[0], many3.at(-1)], [128, 128, 0, 1020]);
  t.same(
    (await searched(2, 3, 2)).map(({ length }) => length),
    [85, 85, 85],
  );
  const { hits } = await rows.search({ ...near(3), exact: true });
  t.ok(hits.some(({ id }) => id === 3));
});

t.test('the limit counts records where one has thousands of vectors that are nearer', async (t) => {
  const { rows } = await rowsOf();
  const crowd = Array.from({ length: 3000 }, (_, i) => v(1, i / 4096));
  const others = Array.from({ length: 30 }, (_, i) => ({ id: i, vectors: { euclidean: [v(40, 40), v(2 + i, 0)] } }));
  await rows.upsert([{ id: 'crowd', vectors: { euclidean: crowd } }, ...others]);
  const near = { vector: 'euclidean', value: v(0, 0) } as const;
  for (const limit of [1, 10, 31, 100]) {
    const { hits, info } = await rows.search({ near, limit });
    const expected: RecordId[] = ['crowd', ...others.map(({ id }) => id)];
    t.strictSame(
      hits.map(({ id }) => id),
      expected.slice(0, limit),
    );
    t.equal(info.matches, 31);
  }
});

t.test('as many vectors as a record may have are stored, and 16 Mi numbers are the most', async (t) => {
  const { db, rows } = await rowsOf();
  const most = Array.from({ length: 4096 }, (_, i) => v(i, 0));
  await rows.upsert({ id: 1, vectors: { dot: most } });
  const [hit] = (await rows.search({ near: { vector: 'dot', value: v(1, 0) } })).hits;
  t.equal(hit.scores.dot.part, 4095);
  const wide = await db.collection('wide', { vectors: { v: { dimensions: 65_536, metric: 'dot' } } });
  const vector = new Float32Array(65_536);
  await t.rejects(wide.upsert({ id: 1, vectors: { v: Array.from({ length: 257 }, () => vector) } }), {
    code: 'INVALID_VECTOR',
    message: /a list of 1 to 256 of them; received a list of 257/,
  });
});

t.test('a stream commits as soon as its vectors reach 4 MiB', async (t) => {
  const { db } = await rowsOf();
  const wide = await db.collection('wide', { vectors: { v: { dimensions: 4096, metric: 'dot' } } });
  const vector = new Float32Array(4096);
  // 1 MiB a record.
  const records = Array.from({ length: 6 }, (_, id) => ({
    id,
    vectors: { v: Array.from({ length: 64 }, () => vector) },
  }));
  const committed: number[] = [];
  await wide.upsert(new Set(records), { onProgress: ({ done }) => committed.push(done) });
  t.strictSame(committed, [4, 6]);
});

t.test('a row whose bytes are not whole vectors is CORRUPT', async (t) => {
  const { db, rows } = await rowsOf();
  await rows.upsert({ id: 1, vectors: { dot: [v(1, 0), v(2, 0)] } });
  const { id } = db.sql.prepare("SELECT id FROM nf_vectors WHERE name = 'dot'").get() as { id: number };
  for (const bytes of [0, 4, 12, 17]) {
    db.sql.prepare(`UPDATE nf_dense_${id} SET vector = zeroblob(?)`).run(bytes);
    await t.rejects(rows.get(1, { vectors: true }), { code: 'CORRUPT' }, `${bytes} bytes`);
  }
  db.sql.prepare(`UPDATE nf_dense_${id} SET vector = zeroblob(24)`).run();
  t.strictSame((await rows.get(1, { vectors: true }))?.vectors?.dot, [v(0, 0), v(0, 0), v(0, 0)]);
});

interface Row {
  readonly id: RecordId;
  readonly n: number;
  readonly parts: Float32Array[];
}

/** Small integers, whose scores are exact and often tie; along the axes, so that cosines are exact as well. */
function randomRow(random: Random, id: RecordId): Row {
  const count = random() < 0.1 ? 30 : Math.floor(random() * 5);
  const parts = Array.from({ length: count }, () => {
    const value = (1 + Math.floor(random() * 4)) * (random() < 0.5 ? 1 : -1);
    return random() < 0.5 ? v(value, 0) : v(0, value);
  });
  return { id, n: Math.floor(random() * 4), parts };
}

function score(metric: (typeof METRICS)[number], a: Float32Array, b: Float32Array): number {
  const dot = a[0] * b[0] + a[1] * b[1];
  if (metric === 'dot') return dot;
  return metric === 'cosine' ? dot / (Math.hypot(...a) * Math.hypot(...b)) : 0 - Math.hypot(a[0] - b[0], a[1] - b[1]);
}

/** Id, score to six digits and part of every record that has vectors, by score and id. */
function ranked(rows: Iterable<Row>, metric: (typeof METRICS)[number], query: Float32Array) {
  const hits: { id: RecordId; score: number; part: number | undefined }[] = [];
  for (const { id, parts } of rows) {
    if (parts.length === 0) continue;
    const scores = parts.map((part) => Number(Math.fround(score(metric, query, part)).toFixed(6)) + 0);
    const best = Math.max(...scores);
    hits.push({ id, score: best, part: parts.length === 1 ? undefined : scores.indexOf(best) });
  }
  const numbersFirst = (id: RecordId) => (typeof id === 'number' ? `0${String(id).padStart(4, '0')}` : `1${id}`);
  return hits.sort((a, b) => b.score - a.score || (numbersFirst(a.id) < numbersFirst(b.id) ? -1 : 1));
}

t.test(
  `searches agree with a naive one through writes, deletes, filters and reopening (NEARFIELD_SEED=${SEED})`,
  async (t) => {
    const path = join(t.testdir(), 'a.nf');
    const random = seededRandom(SEED);
    const model = new Map<RecordId, Row>();
    let { db, rows } = await rowsOf(path);
    for (let round = 0; round < 30; round++) {
      const written = Array.from({ length: 1 + Math.floor(random() * 40) }, () => {
        const number = Math.floor(random() * 120);
        return randomRow(random, random() < 0.5 ? number : `r${number}`);
      });
      for (const row of written) model.set(row.id, row);
      await rows.upsert(
        written.map(({ id, n, parts }) => {
          const given = parts.length === 0 ? null : parts;
          return { id, n, vectors: { cosine: given, dot: given, euclidean: given } };
        }),
      );
      const deleted = [...model.keys()].filter(() => random() < 0.2);
      for (const id of deleted) model.delete(id);
      await rows.delete(deleted);
      if (round % 10 === 9) {
        await db.close();
        ({ db, rows } = await rowsOf(path));
      }
      for (const metric of METRICS) {
        const n = Math.floor(random() * 5);
        const [query] = [randomRow(random, 'q').parts[0] ?? v(1, 0)];
        const limit = 1 + Math.floor(random() * 30);
        const filter = n === 4 ? {} : { n };
        const { hits, info } = await rows.search({ near: { vector: metric, value: query }, filter, limit, select: [] });
        const expected = ranked(
          [...model.values()].filter((row) => n === 4 || row.n === n),
          metric,
          query,
        );
        t.strictSame(
          hits.map(({ id, score, scores }) => ({
            id,
            score: Number(score.toFixed(6)) + 0,
            part: scores[metric].part,
          })),
          expected.slice(0, limit),
          `round ${round}, ${metric}, limit ${limit}`,
        );
        t.equal(info.matches, expected.length);
      }
    }
  },
);
