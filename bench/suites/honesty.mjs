// What is measured: whether `info.recall` is what a search reaches, and whether `minRecall` is met. A setting is a data set, its
//   quantization, a filter, where the queries lie and a minRecall; the strategy is the plan's own choice. For each, the mean of
//   `info.recall`, the mean recall@10 against the exact search, and their difference. Settings in which all searches were
//   exact are left out of the three sums at the end: they cannot be wrong.
// Data: generated clusters, tight ones and such that overlap, of 16 to 512 dimensions and 2 000 to 100 000 rows; the first 100 000 rows
//   of glove and 40 000 of glosses where bench/.cache has them. Filters let through a share at random, or whole clusters (of glosses:
//   categories), for queries from inside and from outside.
// Run: npm run bench -- honesty. Some 10 minutes, of which most go into building graphs. NEARFIELD_BENCH_SIZES leaves out other sizes,
//   NEARFIELD_BENCH_SEED draws other data (1000).
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { open } from '@nearfield/engine';
import { CACHE } from '../data/cache-file.mjs';
import { clouds } from '../data/clouds.mjs';
import { loadVectors } from '../data/data-set.mjs';
import * as glosses from '../data/glosses.mjs';
import { uniform } from '../data/random.mjs';
import { shown } from '../measure/spread.mjs';
import { GRAPH, K, seed, sizes } from '../settings.mjs';

export const description = 'whether info.recall is what searches reach, and whether minRecall is met';

const RECALLS = [0.9, 0.95, 0.99];
const QUERIES = 200;
const BATCH = 2000;
const KINDS = ['none', 'int8', 'binary'];

/** Generated sets; the last two numbers are the clusters and their width. */
const GENERATED = [
  [2000, 16, 'euclidean', 20, 1],
  [9000, 24, 'euclidean', 40, 0.3],
  [9000, 64, 'cosine', 40, 1],
  [9000, 512, 'cosine', 40, 1],
  [40_000, 32, 'dot', 100, 0.5],
  [40_000, 128, 'euclidean', 100, 0.3],
  [40_000, 24, 'cosine', 1, 1],
  [100_000, 48, 'euclidean', 100, 0.5],
];

export async function run() {
  const rows = [];
  for (const make of dataSets()) {
    const set = await make();
    const db = await open(':memory:');
    const collection = await fill(db, set);
    rows.push(...(await measureSet(collection, set)));
    await db.close();
  }
  return { 'each setting': rows, 'all settings': [summary(rows)] };
}

/** Functions that make the data sets: `{ name, rows, dimensions, metric, kinds, vectors, labels, queries, filters }`. */
export function dataSets() {
  const wanted = sizes([]);
  const isWanted = (rows) => wanted.length === 0 || wanted.includes(rows);
  const made = GENERATED.filter(([rows]) => isWanted(rows)).map((shape, i) => () => generated(...shape, i));
  if (isWanted(100_000) && isCached('glove-rows-340000x100')) made.push(glove);
  if (isWanted(40_000) && isCached('glosses-rows-116791x512')) made.push(byCategory);
  return made;
}

function isCached(name) {
  return existsSync(join(CACHE, 'data', `${name}.f32`));
}

function generated(rows, dimensions, metric, clusters, width, place) {
  const drawn = clouds({ rows, dimensions, clusters, width, queries: QUERIES, seed: seed(1000) + place });
  const queries = drawn.queries.map(({ cluster, vector }) => ({ label: cluster, vector }));
  const name = `${clusters} clusters of width ${width}`;
  const filters = [
    undefined,
    ...atRandom([500, 200, 50, 10]),
    ...(clusters > 1 ? together(clusters, [2, 10, 20]) : []),
  ];
  return {
    name,
    rows,
    dimensions,
    metric,
    kinds: KINDS,
    vectors: drawn.vectors,
    labels: drawn.clusters,
    queries,
    filters,
  };
}

async function glove() {
  const set = await loadVectors('glove', 100_000);
  const queries = set.queries.slice(0, QUERIES).map((vector) => ({ label: 0, vector }));
  const labels = new Int32Array(set.rows);
  return {
    ...set,
    kinds: ['none', 'int8'],
    labels,
    queries,
    filters: [undefined, ...atRandom([500, 200, 100, 50, 10])],
  };
}

async function byCategory() {
  const set = await loadVectors('glosses', 40_000);
  const categories = glosses.categories();
  const ofQueries = categories.subarray(glosses.largest, glosses.largest + set.queries.length);
  const queries = set.queries.map((vector, i) => ({ label: ofQueries[i], vector }));
  const categoriesOf = (least, end, what) => [true, false].map((inside) => ({ least, end, inside, what }));
  const filters = [
    undefined,
    ...atRandom([200, 50]),
    ...categoriesOf(18, 19, 'noun.person'),
    ...categoriesOf(5, 6, 'noun.animal'),
    ...categoriesOf(29, 44, 'verbs'),
  ];
  return { ...set, kinds: KINDS, labels: categories.subarray(0, set.rows), queries, filters };
}

function atRandom(perMille) {
  return perMille.map((end) => ({ end, what: `${end / 10} % at random` }));
}

/** The first n-th of the clusters, and all but a tenth, for queries from inside and from outside. */
function together(clusters, parts) {
  const some = parts.map((part) => ({ least: 0, end: clusters / part, what: `1 of ${part} clusters` }));
  const most = { least: clusters / 10, end: clusters, what: '9 of 10 clusters' };
  return [...some, most].flatMap((where) => [true, false].map((inside) => ({ ...where, inside })));
}

export async function fill(db, { rows, dimensions, metric, kinds, vectors, labels }) {
  const spaces = kinds.map((kind) => [kind, { dimensions, metric, quantization: kind, hnsw: GRAPH }]);
  const fields = { n: 'integer', label: 'integer' };
  const collection = await db.collection('rows', { fields, vectors: Object.fromEntries(spaces) });
  const random = uniform(5);
  for (let from = 0; from < rows; from += BATCH) {
    await collection.upsert(
      Array.from({ length: Math.min(BATCH, rows - from) }, (_, i) => {
        const id = from + i;
        const value = vectors.subarray(id * dimensions, (id + 1) * dimensions);
        const given = Object.fromEntries(kinds.map((kind) => [kind, value]));
        return { id, n: Math.floor(random() * 1000), label: labels[id], vectors: given };
      }),
    );
  }
  await db.optimize();
  return collection;
}

export async function measureSet(collection, set) {
  const rows = [];
  for (const where of set.filters) {
    const { filter, isOurs, what } = asked(where);
    const queries = set.queries.filter(({ label }) => isOurs(label)).slice(0, QUERIES);
    let truth;
    for (const kind of set.kinds) {
      // One exact answer for all spaces: they hold the same vectors.
      truth ??= await answers(collection, queries, { vector: kind, filter, exact: true });
      for (const minRecall of RECALLS) {
        const given = await answers(collection, queries, { vector: kind, filter, minRecall });
        const setting = { set: set.name, rows: set.rows, dimensions: set.dimensions, metric: set.metric, kind };
        rows.push({ ...setting, filter: what, minRecall, ...compared(given, truth) });
      }
    }
  }
  return rows;
}

function asked(where) {
  if (where === undefined) return { filter: undefined, isOurs: () => true, what: 'none' };
  const { least, end, inside, what } = where;
  if (inside === undefined) return { filter: { n: { $lt: end } }, isOurs: () => true, what };
  return {
    filter: { label: { $gte: least, $lt: end } },
    isOurs: (label) => (label >= least && label < end) === inside,
    what: `${what}, ${inside ? 'inside' : 'outside'}`,
  };
}

async function answers(collection, queries, { vector, ...options }) {
  const given = [];
  for (const { vector: value } of queries) {
    given.push(await collection.search({ near: { vector, value }, limit: K, select: [], ...options }));
  }
  return given;
}

function compared(given, truth) {
  let [measured, expected, exact] = [0, 0, 0];
  const strategies = new Set();
  for (const [i, { hits, info }] of given.entries()) {
    const right = truth[i].hits;
    const worst = right.at(-1)?.score ?? 0;
    const ids = new Set(right.map(({ id }) => id));
    const found = hits.filter(({ id, score }) => ids.has(id) || score >= worst).length;
    measured += right.length === 0 ? 1 : Math.min(1, found / right.length);
    expected += info.recall;
    exact += Number(info.exact);
    strategies.add(info.strategy);
  }
  const of = (sum) => shown(sum / given.length, 4);
  const error = shown((expected - measured) / given.length, 2);
  return { strategy: [...strategies].join(), exact: of(exact), expected: of(expected), measured: of(measured), error };
}

/** The figures that the settings come to together. */
export function summary(rows) {
  const some = rows.filter(({ exact }) => exact < 1);
  const errors = some.map(({ error }) => Math.abs(error));
  const unmet = (least) => some.filter(({ minRecall, measured }) => minRecall === least && measured < least).length;
  return {
    settings: rows.length,
    'not exact': some.length,
    'mean |error|': shown(errors.reduce((sum, error) => sum + error, 0) / some.length),
    'measured < expected - .05': shown(some.filter(({ error }) => error > 0.05).length / some.length),
    ...Object.fromEntries(RECALLS.map((least) => [`minRecall ${least} unmet`, unmet(least)])),
  };
}
