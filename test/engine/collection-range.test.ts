import t, { type Test } from 'tap';
import { openWith } from '@nearfield/engine/internals/database';
import { POLICY_LIMITS } from '@nearfield/engine/internals/segment/index';
import { seededRandom } from './filter/random-filter.js';
import { WordEncoder } from './small-encoders.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 31);
const DIMENSIONS = 12;
const RECORDS = 1500;

type Metric = 'cosine' | 'dot' | 'euclidean';
type Quantization = 'none' | 'int8';

/** Records of one to three vectors in sealed segments and an unsealed one, some of them dead, each tenth equal to one before. */
async function make(t: Test, metric: Metric, quantization: Quantization = 'none') {
  const random = seededRandom(SEED);
  const db = await openWith(':memory:', { threads: 1 }, { ...POLICY_LIMITS, minVectors: 16 });
  t.teardown(() => db.close());
  const schema = {
    fields: { n: 'integer' },
    vectors: { v: { dimensions: DIMENSIONS, metric, quantization } },
  } as const;
  const rows = await db.collection('rows', schema);
  const one = () => Float32Array.from({ length: DIMENSIONS }, () => Math.round(random() * 8) - 3.5);
  const records: { id: number; n: number; vectors: { v: Float32Array[] } }[] = [];
  for (let id = 0; id < RECORDS; id++) {
    const v = id % 10 === 9 ? records[id - 7].vectors.v : Array.from({ length: 1 + Math.floor(random() * 3) }, one);
    records.push({ id, n: id % 7, vectors: { v } });
  }
  for (const [first, end] of [
    [0, 700],
    [700, 1300],
    [1300, RECORDS],
  ]) {
    await rows.upsert(records.slice(first, end));
    if (end < RECORDS) await db.optimize();
  }
  const dead = records.filter(() => random() < 0.1).map(({ id }) => id);
  await rows.delete(dead);
  const living = records.filter(({ id }) => !dead.includes(id));
  return { rows, query: one(), living };
}

/** By the definition, in double precision. */
function scoreOf(metric: Metric, a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  switch (metric) {
    case 'dot':
      return dot(a, b);
    case 'cosine':
      return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    case 'euclidean':
      return -Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0));
    default:
      return metric satisfies never;
  }
}

const ids = (hits: readonly { id: unknown }[]) => hits.map(({ id }) => id);

for (const metric of ['cosine', 'dot', 'euclidean'] as const) {
  t.test(`a range search by ${metric} finds every record above a score (NEARFIELD_SEED=${SEED})`, async (t) => {
    const { rows, query, living } = await make(t, metric);
    const near = { vector: 'v', value: query } as const;
    for (const [filter, passes] of [
      [undefined, () => true],
      [{ n: { $lt: 2 } }, (n: number) => n < 2],
    ] as const) {
      const matching = living.filter(({ n }) => passes(n));
      const naive = matching
        .map(({ id, vectors }) => ({ id, score: Math.max(...vectors.v.map((v) => scoreOf(metric, query, v))) }))
        .toSorted((a, b) => b.score - a.score);
      for (const place of [0, 5, 60, 200, matching.length - 1]) {
        // A score that a record has is in the range, and so are all that tie with it; one between two records is exact, too.
        const all = await rows.search({ near, filter, exact: true, limit: 100_000, select: [] });
        t.equal(all.hits.length, matching.length);
        const minScore = all.hits[place].score;
        const above = all.hits.filter(({ score }) => score >= minScore);
        const margin = 1e-5 * Math.max(1, Math.abs(minScore));
        const surely = naive.filter(({ score }) => score > minScore + margin).length;
        const perhaps = naive.filter(({ score }) => score >= minScore - margin).length;
        t.ok(above.length >= surely && above.length <= perhaps, `${surely} <= ${above.length} <= ${perhaps}`);
        const range = { near, filter, minScore, exact: true, limit: 100_000, select: [] } as const;
        const { hits, info } = await rows.search(range);
        t.same(hits, above, `${place}`);
        t.match(info, { exact: true, recall: 1, matches: above.length });
        const rest = await rows.search({ ...range, offset: 3 });
        t.same(rest.hits, above.slice(3));
        const page = await rows.search({ ...range, limit: 4, offset: 2 });
        t.same(page.hits, above.slice(2, 6));
        t.same(page.info.matches, above.length < 6 ? above.length : { min: 6, max: matching.length });
      }
    }
    t.same((await rows.search({ near, minScore: 1e9, exact: true })).hits, []);
    t.same((await rows.search({ near, minScore: Infinity })).hits, []);
    const every = await rows.search({ near, minScore: -1e9, limit: 100_000, exact: true, select: [] });
    t.equal(every.hits.length, living.length);
  });
}

t.test(`a range search by walks finds all or says what it lacks (NEARFIELD_SEED=${SEED})`, async (t) => {
  for (const quantization of ['none', 'int8'] as const) {
    const { rows, query, living } = await make(t, 'euclidean', quantization);
    const near = { vector: 'v', value: query } as const;
    const all = await rows.search({ near, exact: true, limit: 100_000, select: [] });
    for (const place of [4, 40, 500, living.length - 1]) {
      const minScore = all.hits[place].score;
      const above = all.hits.filter(({ score }) => score >= minScore);
      const { hits, info } = await rows.search({ near, minScore, strategy: 'walk', limit: 100_000, select: [] });
      t.ok(hits.every(({ score }) => score >= minScore));
      const found = hits.filter(({ id }) => ids(above).includes(id)).length;
      t.equal(found, hits.length);
      t.ok(found >= 0.9 * above.length, `${found} of ${above.length}`);
      if (info.exact) t.same(hits, above);
      const { min, max } = typeof info.matches === 'number' ? { min: info.matches, max: info.matches } : info.matches;
      t.ok(min <= above.length && above.length <= max, `${min} <= ${above.length} <= ${max}`);
      // More than a walk looks for: it cannot know how many more there are, so what it found is not left at that.
      if (place >= 500) t.match(info, { exact: true, recall: 1, strategy: 'exact-completion', matches: above.length });
      if (place === 4) t.match(info, { exact: false, strategy: 'graph-walk' });
    }
  }
});

t.test('a range search by words, and by a fusion, is told apart from what falls under it', async (t) => {
  const db = await openWith(':memory:', {}, POLICY_LIMITS);
  t.teardown(() => db.close());
  const rows = await db.collection('rows', {
    fields: { title: 'text' },
    vectors: { words: { from: ['title'], encoder: new WordEncoder() }, v: { dimensions: 2 } },
  });
  await rows.upsert(
    Array.from({ length: 30 }, (_, id) => ({
      id,
      title: 'word '.repeat(1 + (id % 3)) + 'other '.repeat(id % 5),
      vectors: { v: Float32Array.of(Math.cos(id), Math.sin(id)) },
    })),
  );
  const words = { vector: 'words', text: 'word' } as const;
  const all = await rows.search({ near: words, limit: 100, select: [] });
  const minScore = all.hits[11].score;
  const above = all.hits.filter(({ score }) => score >= minScore);
  const range = await rows.search({ near: words, minScore, limit: 100, select: [] });
  t.same(range.hits, above);
  t.equal(range.info.matches, above.length);
  const legs = { near: [words, { vector: 'v', value: Float32Array.of(1, 0) }], limit: 100, select: [] } as const;
  const fused = await rows.search(legs);
  const part = await rows.search({ ...legs, minScore: fused.hits[7].score });
  t.same(
    part.hits,
    fused.hits.filter(({ score }) => score >= fused.hits[7].score),
  );
  t.same(part.info.matches, { min: part.hits.length, max: 30 });
});
