import t from 'tap';
import { open, type Collection, type SchemaInput } from '@nearfield/engine';
import { seededRandom } from './filter/random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 23);
/** One filter, written in five ways. */
const SPELLINGS = [
  { n: { $gte: 20, $lt: 60 }, k: 'a' },
  { $and: [{ k: { $eq: 'a' } }, { n: { $lt: 60 } }, { n: { $gte: 20 } }] },
  { $not: { $or: [{ $not: { k: 'a' } }, { $not: { n: { $gte: 20, $lt: 60 } } }] } },
  { k: { $in: ['a', 'a'] }, $and: [{ n: { $lt: 60 } }, { n: { $gte: 20 } }, { n: { $gte: 10 } }] },
  { $or: [{ $and: [{ n: { $gte: 20, $lt: 60 } }, { k: 'a' }] }, { k: 'a', n: { $gte: 20, $lt: 60 } }] },
];

t.test(`a filter written in five ways has one plan and the same hits (NEARFIELD_SEED=${SEED})`, async (t) => {
  const db = await open(':memory:', { threads: 1 });
  t.teardown(() => db.close());
  const random = seededRandom(SEED);
  const vector = () => Float32Array.from({ length: 8 }, () => random() - 0.5);
  const schema: SchemaInput = {
    fields: { n: 'integer', k: 'keyword' },
    vectors: { v: { dimensions: 8, metric: 'cosine' } },
  };
  const rows: Collection = await db.collection('rows', schema);
  const records = Array.from({ length: 2000 }, (_, id) => {
    return { id, n: Math.floor(random() * 100), k: random() < 0.5 ? 'a' : 'b', vectors: { v: vector() } };
  });
  await rows.upsert(records);
  await db.optimize();
  const value = vector();
  const queries = SPELLINGS.map((filter) => ({ near: { vector: 'v', value }, filter, select: [] }) as const);
  const plan = await rows.explain(queries[0]);
  const { hits, info } = await rows.search(queries[0]);
  const matching = records.filter(({ n, k }) => k === 'a' && n >= 20 && n < 60).length;
  t.equal(info.matches, matching);
  t.equal(hits.length, 10);
  for (const query of queries.slice(1)) {
    t.strictSame(await rows.explain(query), plan);
    t.strictSame((await rows.search(query)).hits, hits);
  }
});
