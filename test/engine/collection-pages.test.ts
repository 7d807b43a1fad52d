import t, { type Test } from 'tap';
import { openWith } from '@nearfield/engine/internals/database';
import { POLICY_LIMITS } from '@nearfield/engine/internals/segment/index';
import { seededRandom } from './filter/random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 23);
const DIMENSIONS = 16;
const EQUAL = 300;

/** 2 500 records in two sealed segments and an unsealed one, of which 300 from all over have one vector, in no order of ids. */
async function rowsWithEquals(t: Test, quantization: 'none' | 'int8' | 'binary') {
  const random = seededRandom(SEED);
  const db = await openWith(':memory:', { threads: 1 }, { ...POLICY_LIMITS, minVectors: 16 });
  t.teardown(() => db.close());
  const schema = {
    fields: { n: 'integer' },
    vectors: { v: { dimensions: DIMENSIONS, metric: 'euclidean', quantization } },
  } as const;
  const rows = await db.collection('rows', schema);
  const [count, equal] = [2500, EQUAL];
  const vector = () => Float32Array.from({ length: DIMENSIONS }, () => random() * 2 - 1);
  const ids = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [ids[i], ids[other]] = [ids[other], ids[i]];
  }
  const same = vector();
  const step = Math.floor(count / equal);
  const records = ids.map((id, i) => {
    const isEqual = i % step === 0 && i < step * equal;
    return { id, n: Number(isEqual), vectors: { v: isEqual ? same : vector() } };
  });
  const [first, second] = [Math.floor(count * 0.5), Math.floor(count * 0.9)];
  await rows.upsert(records.slice(0, first));
  await db.optimize();
  await rows.upsert(records.slice(first, second));
  await db.optimize();
  await rows.upsert(records.slice(second));
  const equals = records.filter(({ n }) => n === 1).map(({ id }) => id);
  return { rows, same, equals: equals.toSorted((a, b) => a - b) };
}

type Pages = Awaited<ReturnType<typeof rowsWithEquals>>;

/** The ids of all pages of ten of the records that are equal. */
async function pagesOf({ rows, same }: Pages, more: object): Promise<unknown[]> {
  const pages: unknown[] = [];
  for (let offset = 0; offset < EQUAL; offset += 10) {
    const query = { near: { vector: 'v', value: same }, limit: 10, offset, select: [] } as const;
    pages.push(...(await rows.search({ ...query, ...more })).hits.map(({ id }) => id));
  }
  return pages;
}

for (const quantization of ['none', 'int8', 'binary'] as const) {
  t.test(`pages of equal vectors have each once, in the order of ids, over ${quantization}`, async (t) => {
    const made = await rowsWithEquals(t, quantization);
    for (const more of [
      { strategy: 'walk' },
      { strategy: 'scan' },
      { strategy: 'walk', effort: 400 },
      { strategy: 'walk', filter: { n: 1 } },
      { strategy: 'walk-inside', filter: { n: { $lte: 1 } } },
      { strategy: 'walk', minScore: -0.001 },
    ]) {
      t.same(await pagesOf(made, more), made.equals, `${JSON.stringify(more)} (NEARFIELD_SEED=${SEED})`);
    }
  });
}

t.test('pages of a fusion of walks over equal vectors have each once', async (t) => {
  const made = await rowsWithEquals(t, 'none');
  const leg = { vector: 'v', value: made.same } as const;
  // As deep as the last page, so that all pages are cut from the same candidates.
  const more = { near: [leg, leg], strategy: 'walk', fuse: { rrf: { depth: EQUAL } } };
  t.same(await pagesOf(made, more), made.equals, `NEARFIELD_SEED=${SEED}`);
});
