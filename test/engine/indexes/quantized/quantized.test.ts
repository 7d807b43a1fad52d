import t from 'tap';
import { METRICS, type Metric } from '@nearfield/engine/internals/distance/index';
import { HnswIndex } from '@nearfield/engine/internals/indexes/index';
import type { Quantization } from '@nearfield/engine/internals/schema/index';
import { calibrateBinary, prepareBinaryQuery } from '@nearfield/engine/internals/indexes/quantized/binary';
import { calibrateInt8 } from '@nearfield/engine/internals/indexes/quantized/int8';
import { seededRandom } from '../../filter/random-filter.js';
import {
  bestOf,
  buildHnswlib,
  clustered,
  exactNearest,
  exactScore,
  graphOf,
  indexOver,
  recallOf,
} from '../hnsw/graphs.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 7);
const ROWS = 1200;
const QUERIES = 50;
const K = 10;

function fixture(
  metric: Metric,
  quantization: Quantization,
  dimensions: number,
  change = (vector: Float32Array) => vector,
) {
  const random = seededRandom(SEED);
  const all = clustered(random, ROWS + QUERIES, dimensions).map(change);
  const [vectors, queries] = [all.slice(0, ROWS), all.slice(ROWS)];
  return { vectors, queries, index: indexOver(vectors, graphOf(buildHnswlib(vectors, metric)), metric, quantization) };
}

/** Recall@10 of a walk that keeps `ef` nodes and rescores them all. */
function recallAt(ef: number, metric: Metric, { vectors, queries, index }: ReturnType<typeof fixture>): number {
  let recall = 0;
  for (const query of queries) {
    const { nodes } = index.search(query, { ef, walker: 0 });
    recall += recallOf(bestOf(nodes, index.rescore(query, nodes, 0), K), exactNearest(vectors, query, metric, K));
  }
  return recall / queries.length;
}

for (const metric of METRICS) {
  t.test(`int8 and rescoring under ${metric} lose no recall (NEARFIELD_SEED=${SEED})`, async (t) => {
    for (const dimensions of [20, 65]) {
      const exact = recallAt(60, metric, fixture(metric, 'none', dimensions));
      const coded = recallAt(60, metric, fixture(metric, 'int8', dimensions));
      t.ok(coded >= exact - 0.01, `${dimensions} dimensions: ${coded} against ${exact}`);
    }
  });

  t.test(`int8 and rescoring under ${metric} lose no recall to a dimension that outweighs the others`, async (t) => {
    const weigh = (vector: Float32Array) => vector.map((value, d) => (d === 3 ? 30 * value : value));
    const exact = recallAt(60, metric, fixture(metric, 'none', 65, weigh));
    const coded = recallAt(60, metric, fixture(metric, 'int8', 65, weigh));
    t.ok(coded >= exact - 0.02, `${coded} against ${exact}`);
  });

  t.test(`int8 scores under ${metric} are close to the exact ones (NEARFIELD_SEED=${SEED})`, async (t) => {
    const { vectors, queries, index } = fixture(metric, 'int8', 65);
    for (const query of queries) {
      const { nodes, scores } = index.search(query, { ef: 20, walker: 0 });
      const off = Array.from(nodes, (node, i) => Math.abs(scores[i] - exactScore(metric, query, vectors[node])));
      const scale = Math.abs(exactScore(metric, query, vectors[nodes[0]]));
      t.ok(Math.max(...off) <= 0.05 * Math.max(1, scale), `off by ${Math.max(...off)} of ${scale}`);
    }
  });

  t.test(`rows coded from outside the memory get the same codes under ${metric}`, async (t) => {
    const { index } = fixture(metric, 'int8', 20);
    const other = await HnswIndex.restore(index.header, (target) => target.set(index.derived), {
      walkers: 1,
      keepVectors: false,
    });
    t.equal(other.layout.vectors, 0);
    const query = new Float32Array(20).fill(1);
    t.throws(() => other.scan(query, { limit: 5, walker: 0 }), /keeps no vectors/);
    t.throws(() => other.rescore(query, new Uint32Array(1), 0), /keeps no vectors/);
    const codes = other.derived.slice();
    const rows = index.vectorRows(0, ROWS);
    other.derived.fill(0, 2 * 24 * 4, 2 * 24 * 4 + 64 * 32);
    other.encodeRows(0, rows.slice(0, 700 * index.rowLength));
    other.encodeRows(700, rows.slice(700 * index.rowLength));
    t.equal(Buffer.compare(other.derived, codes), 0);
    other.calibrate(rows.slice());
    other.encodeRows(0, rows.slice());
    t.equal(Buffer.compare(other.derived, codes), 0, 'calibrated on the same rows');
  });
}

t.test(`binary codes and rescoring find most of what is near (NEARFIELD_SEED=${SEED})`, async (t) => {
  for (const metric of ['cosine', 'euclidean'] as const) {
    const recall = recallAt(300, metric, fixture(metric, 'binary', 256));
    t.ok(recall >= 0.9, `${metric}: ${recall}`);
  }
});

t.test('ranges of int8 cover all but far outliers, and a constant dimension counts for its middle', async (t) => {
  const rows = new Float32Array(4001 * 4);
  for (let row = 0; row < 4001; row++) rows.set([row, 5, row === 9 ? 1e6 : row % 2, 0], row * 4);
  const parameters = calibrateInt8(rows, 4, 3, 8);
  const near = (at: number, value: number) => t.ok(Math.abs(parameters[at] - value) < 1e-4, `${at}: ${parameters[at]}`);
  near(0, 2000);
  near(8, 4000 / 254);
  near(1, 5);
  near(9, 0);
  near(2, 0.65);
  near(10, 1.3 / 254);
});

t.test('bits say which numbers are above the mean', async (t) => {
  const means = calibrateBinary(Float32Array.from([1, 2, 0, 0, 3, 4, 0, 0]), 4, 2, 8);
  t.same(Array.from(means), [2, 3, ...Array.from({ length: 6 }, () => Infinity)]);
  const bits = new Uint8Array(2).fill(255);
  prepareBinaryQuery(Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]), new Float32Array(9).fill(4.5), bits);
  t.same(Array.from(bits), [0b11110000, 1]);
});
