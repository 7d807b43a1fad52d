import { gaussian, uniform } from './random.mjs';

/**
 * Synthetic vectors about random centres, with the number of each one's cluster: `{ vectors, clusters, queries }`, of which
 * queries are drawn like the others, `[cluster, vector]`. The centres are drawn from the standard normal distribution, and
 * what lies about them has the deviation `width` along each axis: at .3 clusters are far apart, at 1 and above they overlap, and one cluster
 * is a plain normal distribution.
 */
export function clouds({ rows, dimensions, clusters, width, queries, seed }) {
  const random = uniform(seed);
  const normal = gaussian(random);
  const centres = Float64Array.from({ length: clusters * dimensions }, normal);
  const draw = (target) => {
    const cluster = Math.floor(random() * clusters);
    for (let i = 0; i < dimensions; i++) target[i] = centres[cluster * dimensions + i] + width * normal();
    return cluster;
  };
  const vectors = new Float32Array(rows * dimensions);
  const drawRow = (_, row) => draw(vectors.subarray(row * dimensions, (row + 1) * dimensions));
  return {
    vectors,
    clusters: Int32Array.from({ length: rows }, drawRow),
    queries: Array.from({ length: queries }, () => {
      const vector = new Float32Array(dimensions);
      return { cluster: draw(vector), vector };
    }),
  };
}
