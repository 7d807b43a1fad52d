import t from 'tap';
import {
  Bitset,
  expectedDenseWalk,
  sharesAround,
  walkGraph,
  type GraphAccess,
} from '@nearfield/engine/internals/indexes/index';
import type { Quantization } from '@nearfield/engine/internals/schema/index';
import { measureEffort } from '@nearfield/engine/internals/segment/measure-effort';
import { seededRandom } from '../filter/random-filter.js';
import { buildHnswlib, clustered, exactNearest, graphOf, indexOver, recallOf } from '../indexes/hnsw/graphs.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 31);
/** Enough for walks under filters to be measured. */
const ROWS = 8500;
const QUERIES = 60;
const K = 10;

const all = clustered(seededRandom(SEED), ROWS + QUERIES, 24);
const [vectors, queries] = [all.slice(0, ROWS), all.slice(ROWS)];
const graph = graphOf(buildHnswlib(vectors, 'euclidean'));

function accessTo(quantization: Quantization): GraphAccess {
  const index = indexOver(vectors, graph, 'euclidean', quantization);
  const owners = Uint32Array.from({ length: ROWS }, (_, node) => node);
  index.setOwners(owners);
  return { index, owners, records: ROWS, walker: 0, scorer: undefined };
}

t.test(`what is measured for queries in the midst of what matches holds for others (NEARFIELD_SEED=${SEED})`, (t) => {
  const access = accessTo('none');
  const measured = measureEffort(access, () => false)!;
  const curves = measured.filtered!.filter(({ kind }) => kind === 'walk-inside-dense');
  t.ok(curves.length > 0);
  for (const { share, curve } of curves) {
    t.ok(share > 0.01 && share <= 0.1, `a share of ${share}`);
    t.ok(curve.every(({ recall }, i) => i === 0 || recall >= curve[i - 1].recall));
  }
  let [tried, recall, expected] = [0, 0, 0];
  for (const query of queries) {
    // A twentieth of the vectors, those about the query.
    const allowed = new Bitset(ROWS);
    for (const node of exactNearest(vectors, query, 'euclidean', ROWS / 20)) allowed.add(node);
    const share = allowed.count() / ROWS;
    const walk = expectedDenseWalk(measured, share, { recall: 0.95, effort: undefined, limit: K })!;
    const { below, above, least, ...shares } = sharesAround(share);
    const dense = { effort: walk.effort, above, least, through: false };
    const found = walkGraph(
      access,
      { query, wanted: K, allowed, rows: ROWS, scope: 'filtered' },
      { effort: 16, inside: true, around: { ...shares, far: { effort: 0, below }, dense } },
    );
    if (found.about !== 'dense') continue;
    tried++;
    expected += walk.recall;
    const order = Array.from(found.records.keys()).sort((a, b) => found.scores[b] - found.scores[a]);
    const best = order.slice(0, K).map((place) => found.records[place]);
    recall += recallOf(best, exactNearest(vectors, query, 'euclidean', K));
  }
  t.ok(tried > QUERIES / 2, `${tried} are in the midst`);
  t.ok(recall / tried >= expected / tried - 0.03, `${recall / tried} of ${expected / tried}`);
  t.end();
});

t.test('over binary codes it is not measured, as nothing goes by it', (t) => {
  const { filtered } = measureEffort(accessTo('binary'), () => false)!;
  t.ok(filtered!.length > 0);
  t.notOk(filtered!.some(({ kind }) => kind === 'walk-inside-dense'));
  t.end();
});

t.test('what is cancelled measures nothing', (t) => {
  let calls = 0;
  t.equal(
    measureEffort(accessTo('none'), () => ++calls > 50),
    undefined,
  );
  t.end();
});
