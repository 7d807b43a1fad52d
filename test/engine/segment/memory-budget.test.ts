import { statSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import t from 'tap';
import type { Database } from '@nearfield/engine';
import { openWith } from '@nearfield/engine/internals/database';
import { POLICY_LIMITS } from '@nearfield/engine/internals/segment/index';
import { seededRandom } from '../filter/random-filter.js';
import { WalkingQuery, walkWhenAsked } from './walking-query.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 111);
const MIB = 1024 * 1024;
const LIMITS = { ...POLICY_LIMITS, minVectors: 16 };
const random = seededRandom(SEED);

const randomVector = (dimensions: number) => Float32Array.from({ length: dimensions }, () => random() - 0.5);

t.test('a batch that goes beyond the budget is refused before anything changes', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const schema = { vectors: { v: { dimensions: 1024, metric: 'dot' } } } as const;
  const batch = (first: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({ id: first + i, vectors: { v: randomVector(1024) } }));
  const db = await openWith(path, { memoryBudget: 20 * MIB }, LIMITS);
  const rows = await db.collection('rows', schema);
  await rows.upsert(batch(0, 500));
  const before = await rows.stats();
  for (const call of [() => rows.upsert(batch(0, 6000)), () => rows.add(batch(9000, 6000))]) {
    await t.rejects(call(), { code: 'MEMORY_EXHAUSTED' });
    const { records, commit, rows: inMemory } = await rows.stats();
    t.same({ records, commit, inMemory }, { records: 500, commit: before.commit, inMemory: before.rows });
  }
  await rows.delete(Array.from({ length: 100 }, (_, id) => id));
  await rows.upsert(batch(600, 50));
  t.equal(await rows.count(), 450, 'what fits goes on');
  await db.close();

  const small = await openWith(path, { memoryBudget: MIB }, LIMITS);
  t.teardown(() => small.close());
  await t.rejects(small.collection('rows'), { code: 'MEMORY_EXHAUSTED' });
  t.equal(small.context.budget.used, 0, 'what could not be opened holds nothing');
});

/** Opens a database that has no room to spare for vectors beside codes, however few they are. */
async function openTight(path: string): Promise<Database> {
  const db = walkWhenAsked(await openWith(path, {}, LIMITS), () => 100);
  db.context.budget.has = () => false;
  db.context.budget.check = () => undefined;
  return db;
}

for (const quantization of ['int8', 'binary'] as const) {
  t.test(
    `with ${quantization} codes vectors beyond the budget stay in the file (NEARFIELD_SEED=${SEED})`,
    async (t) => {
      const path = join(t.testdir(), 'a.nf');
      const dimensions = 128;
      const count = 400;
      const hnsw = { m: 8, efConstruction: 40 };
      const schema = {
        fields: { n: 'integer' },
        vectors: { v: { dimensions, metric: 'cosine', quantization, hnsw } },
      } as const;
      const vectors = Array.from({ length: count }, () => randomVector(dimensions));
      let db = await openTight(path);
      let rows = await db.collection('rows', schema);
      // The last record has three vectors.
      const parts = [randomVector(dimensions), vectors[count - 1], randomVector(dimensions)];
      await rows.upsert(vectors.map((v, id) => ({ id, n: id, vectors: { v: id === count - 1 ? parts : v } })));
      await db.optimize();
      for (const when of ['sealed', 'reopened', 'changed', 'merged']) {
        if (when === 'reopened') {
          await db.close();
          db = await openTight(path);
          rows = await db.collection('rows', schema);
        }
        if (when === 'changed') {
          await rows.delete([0, 1, 2]);
          await rows.update(3, { n: -1 });
        }
        if (when === 'merged') {
          await rows.delete(Array.from({ length: 100 }, (_, i) => 4 + i));
          await db.optimize();
        }
        const gone = when === 'changed' ? 3 : when === 'merged' ? 104 : 0;
        const { segments } = (await rows.stats()).vectors.v;
        t.ok(
          segments!.some(({ kind }) => kind === 'sealed'),
          when,
        );
        const ids = [3, 110, 250, count - 2, count - 1].filter((id) => id >= gone || id === 3);
        for (const id of ids) {
          for (const value of [vectors[id], WalkingQuery.from(vectors[id])]) {
            const exact = !(value instanceof WalkingQuery);
            const filter = id % 2 === 0 ? { n: { $gte: id } } : {};
            const { hits } = await rows.search({ near: { vector: 'v', value }, limit: 5, filter, exact, select: [] });
            const where = `${when}: ${id}, ${exact ? 'exact' : 'walk'}`;
            t.equal(hits[0].id, id, where);
            t.ok(Math.abs(hits[0].score - 1) < 1e-5, where);
            t.equal(hits[0].scores.v.part, id === count - 1 ? 1 : undefined, where);
            t.equal(hits.length, Math.min(5, hits.length === 5 ? 5 : count - id), where);
            for (const hit of hits.slice(1)) {
              const own = Number(hit.id) === count - 1 ? parts : [vectors[Number(hit.id)]];
              const score = Math.max(...own.map((v) => cosine(v, vectors[id])));
              if (Math.abs(hit.score - score) > 1e-5) t.fail(`${where}: ${hit.id} scores ${hit.score}, not ${score}`);
            }
          }
        }
      }
      await db.close();
    },
  );
}

t.test('vectors beside codes are in memory only while the budget has room for them twice', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const dimensions = 4096;
  const hnsw = { m: 2, efConstruction: 4 };
  const schema = { vectors: { v: { dimensions, metric: 'dot', quantization: 'int8', hnsw } } } as const;
  const count = 700;
  for (const [memoryBudget, isKept] of [
    [21 * MIB, false],
    [100 * MIB, true],
  ] as const) {
    const db = await openWith(path, { memoryBudget }, LIMITS);
    const rows = await db.collection('rows', schema);
    if (!isKept) {
      await rows.upsert(Array.from({ length: count }, (_, id) => ({ id, vectors: { v: randomVector(dimensions) } })));
      await db.optimize();
    }
    for (const when of isKept ? ['reopened'] : ['sealed', 'reopened']) {
      const again = when === 'sealed' ? db : await openReader(path, memoryBudget);
      const [{ memoryBytes }] = (await (await again.collection('rows')).stats()).vectors.v.segments!;
      t.equal(memoryBytes > count * dimensions * 4, isKept, `${memoryBudget}, ${when}: ${memoryBytes} bytes`);
      if (again !== db) await again.close();
    }
    await db.close();
  }
});

function openReader(path: string, memoryBudget: number): Promise<Database> {
  return openWith(path, { readOnly: true, memoryBudget }, LIMITS);
}

t.test('when nine of ten records are deleted, optimize gives memory and file back', async (t) => {
  const path = join(t.testdir(), 'a.nf');
  const dimensions = 512;
  const count = 2000;
  const hnsw = { m: 8, efConstruction: 60 };
  const schema = { vectors: { v: { dimensions, metric: 'euclidean', hnsw } } } as const;
  const vectors = Array.from({ length: count }, () => randomVector(dimensions));
  const db = walkWhenAsked(await openWith(path, {}, LIMITS), () => 100);
  t.teardown(() => db.close());
  const rows = await db.collection('rows', schema);
  await rows.upsert(vectors.map((v, id) => ({ id, vectors: { v } })));
  await db.optimize();
  const before = { file: statSync(path).size, memory: (await rows.stats()).vectors.v.memoryBytes };
  const kept = Array.from({ length: count / 10 }, (_, i) => i * 10);
  await rows.delete(vectors.map((_, id) => id).filter((id) => id % 10 !== 0));
  await db.optimize();
  const after = { file: statSync(path).size, memory: (await rows.stats()).vectors.v.memoryBytes };
  t.ok(after.file < 0.2 * before.file, 'the file', { before, after });
  t.ok(after.memory < 0.2 * before.memory, 'the memory', { before, after });
  t.equal(db.sql.prepare('SELECT count(*) FROM nf_dense_1').pluck().get(), kept.length);
  const found = await rows.searchBatch(
    kept.map((id) => ({ near: { vector: 'v', value: WalkingQuery.from(vectors[id]) }, limit: 1, select: [] }) as const),
  );
  t.ok(found.filter(({ hits }, i) => hits[0].id === kept[i]).length >= 0.99 * kept.length, 'recall');
  const sql = new SQLite(path, { readonly: true });
  t.equal(sql.pragma('integrity_check', { simple: true }), 'ok');
  sql.close();
});

function cosine(a: Float32Array, b: Float32Array): number {
  let [product, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i] * b[i];
    ofA += a[i] * a[i];
    ofB += b[i] * b[i];
  }
  return product / Math.sqrt(ofA * ofB);
}
