import t from 'tap';
import { open, type Collection, type SchemaInput } from '@nearfield/engine';
import { seededRandom } from '../engine/filter/random-filter.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 29);
/** Enough for walks under filters to be measured when the graph is made. */
const ROWS = 9000;
const DIMENSIONS = 24;
const CLUSTERS = 40;
const QUERIES = 60;
const SPACES = { plain: 'none', bytes: 'int8', bits: 'binary' } as const;

const random = seededRandom(SEED);
const gaussian = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const centres = Array.from({ length: CLUSTERS }, () => Array.from({ length: DIMENSIONS }, () => 2 * gaussian()));

/** A point of one of many clusters, which overlap. */
function point(): { cluster: number; vector: Float32Array } {
  const cluster = Math.floor(random() * CLUSTERS);
  return { cluster, vector: Float32Array.from(centres[cluster], (centre) => centre + gaussian()) };
}

/** Filters that let through what lies anywhere, and what lies together. */
const FILTERS = [
  undefined,
  { n: { $lt: 500 } },
  { n: { $lt: 150 } },
  { n: { $lt: 50 } },
  { cluster: { $lt: CLUSTERS / 2 } },
  { cluster: { $lt: CLUSTERS / 10 } },
];

async function measure(rows: Collection, query: Record<string, unknown>, vectors: readonly Float32Array[]) {
  let [recall, expected, exact] = [0, 0, 0];
  for (const value of vectors) {
    const near = { vector: query.vector as string, value };
    const { vector: _vector, ...options } = query;
    const analysis = await rows.analyze({ near, select: [], ...options });
    recall += analysis.recall / vectors.length;
    expected += analysis.info.recall / vectors.length;
    exact += Number(analysis.info.exact);
  }
  return { recall, expected, exact };
}

t.test(`the recall that is expected is the one that is reached (NEARFIELD_SEED=${SEED})`, async (t) => {
  const db = await open(':memory:', { threads: 1 });
  t.teardown(() => db.close());
  const space = (quantization: 'none' | 'int8' | 'binary') => ({
    dimensions: DIMENSIONS,
    metric: 'euclidean' as const,
    quantization,
    hnsw: { m: 8, efConstruction: 60 },
  });
  const vectors = Object.fromEntries(Object.entries(SPACES).map(([name, kind]) => [name, space(kind)]));
  const schema: SchemaInput = { fields: { n: 'integer', cluster: 'integer' }, vectors };
  const rows: Collection = await db.collection('rows', schema);
  const points = Array.from({ length: ROWS }, point);
  await rows.upsert(
    points.map(({ cluster, vector }, id) => {
      const given = Object.fromEntries(Object.keys(SPACES).map((name) => [name, vector]));
      return { id, n: Math.floor(random() * 1000), cluster, vectors: given };
    }),
  );
  await db.optimize();
  const queries = Array.from({ length: QUERIES }, () => point().vector);
  let spare = 0;
  const settings: { error: number; below: number; what: string }[] = [];
  for (const vector of Object.keys(SPACES)) {
    for (const filter of FILTERS) {
      for (const minRecall of [0.9, 0.99]) {
        for (const strategy of filter === undefined ? (['walk'] as const) : (['walk', 'walk-inside'] as const)) {
          const { recall, expected, exact } = await measure(rows, { vector, filter, minRecall, strategy }, queries);
          const what = `${vector}, ${JSON.stringify(filter)}, ${strategy}, minRecall ${minRecall}: ${recall} of ${expected}`;
          t.ok(recall >= minRecall - 0.07, what);
          spare += recall - minRecall;
          if (exact < QUERIES) settings.push({ error: Math.abs(expected - recall), below: expected - recall, what });
        }
      }
    }
  }
  t.ok(spare >= 0, `they give ${spare} more in all than what was asked for`);
  const mean = settings.reduce((sum, { error }) => sum + error, 0) / settings.length;
  t.ok(settings.length >= 40, `${settings.length} settings are approximate`);
  t.ok(mean <= 0.03, `they are ${mean.toFixed(4)} away on average`);
  const far = settings.filter(({ below }) => below > 0.05);
  t.ok(far.length <= settings.length * 0.05, far.map(({ what }) => what).join('\n'));
});
