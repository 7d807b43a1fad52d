// Synthetic vectors: 128 dimensions, gaussian clusters of varied size and width. Within a cluster the variance falls from
// axis to axis, in an order of the cluster's own. The clusters do not depend on the number of rows, so a smaller set is a
// sample of a larger one. Number, width and decay were chosen so that the walk of hnswlib-node's graph needs an ef above 10
// for recall@10 .95 at 10 000 rows already (about 15), and more with every size: with easier data the smallest ef is enough
// at all sizes, and growth is not seen.
import { gaussian, permutation, uniform } from './random.mjs';

export const dimensions = 128;
export const metric = 'cosine';
export const largest = 1_000_000;

const CLUSTERS = 100;
const WIDTH = 1.5;
const DECAY = 0.2;
const SEED = { clusters: 101, rows: 202, queries: 303 };

/** All vectors, in the order in which the bench uses them: rows first, queries last. */
export async function make(rows, queries) {
  const clusters = makeClusters();
  const all = new Float32Array((rows + queries) * dimensions);
  draw(clusters, SEED.rows, all.subarray(0, rows * dimensions));
  draw(clusters, SEED.queries, all.subarray(rows * dimensions));
  return all;
}

function makeClusters() {
  const random = uniform(SEED.clusters);
  const normal = gaussian(random);
  // Log-normal: the largest are some hundred times the smallest.
  const sizes = Float64Array.from({ length: CLUSTERS }, () => Math.exp(normal()));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let below = 0;
  return Array.from(sizes, (size) => {
    below += size / total;
    const width = 0.5 + random();
    const order = permutation(dimensions, random);
    return {
      below,
      centre: Float64Array.from({ length: dimensions }, normal),
      deviations: Float64Array.from(order, (rank) => (WIDTH * width) / (1 + rank) ** DECAY),
    };
  });
}

function draw(clusters, seed, target) {
  const random = uniform(seed);
  const normal = gaussian(random);
  for (let at = 0; at < target.length; at += dimensions) {
    const { centre, deviations } = clusterAt(clusters, random());
    for (let i = 0; i < dimensions; i++) target[at + i] = centre[i] + deviations[i] * normal();
  }
}

/** The cluster whose share of [0, 1) holds `at`, by binary search. */
function clusterAt(clusters, at) {
  let low = 0;
  let high = clusters.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (clusters[middle].below > at) high = middle;
    else low = middle + 1;
  }
  return clusters[low];
}
