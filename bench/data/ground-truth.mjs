import { join } from 'node:path';
import { CACHE, cachedArray } from './cache-file.mjs';
import { ExactScan } from './exact-scan.mjs';

/** Neighbours known for each query. */
export const DEPTH = 100;
/** Queries whose neighbours are computed a second time, in plain JavaScript and double precision. */
const SPOT_CHECKS = 3;
/** How far a sum of single-precision products may be from the one in double precision, for vectors of length 1. */
const ROUNDING = 1e-5;

/**
 * The exact 100 nearest rows of each query, kept from run to run: `{ ids, scores }`, 100 for each query one after the
 * other, best first.
 */
export async function groundTruth(name, { vectors, rows, dimensions, queries }) {
  const path = join(CACHE, 'data', `${name}-${rows}-nearest-${queries.length}x${DEPTH}`);
  let computed;
  const compute = () => (computed ??= exact({ vectors, rows, dimensions, queries }));
  const length = queries.length * DEPTH;
  return {
    ids: await cachedArray(`${path}.i32`, Int32Array, length, () => compute().ids),
    scores: await cachedArray(`${path}.f32`, Float32Array, length, () => compute().scores),
  };
}

function exact({ vectors, rows, dimensions, queries }) {
  const scan = new ExactScan(vectors, dimensions, rows, queries.length);
  const ids = new Int32Array(queries.length * DEPTH);
  const scores = new Float32Array(queries.length * DEPTH);
  for (const [i, nearest] of scan.search(queries, DEPTH, rows).entries()) {
    ids.set(nearest.ids, i * DEPTH);
    scores.set(nearest.scores, i * DEPTH);
  }
  for (let i = 0; i < SPOT_CHECKS; i++) {
    const query = Math.floor((i * queries.length) / SPOT_CHECKS);
    const from = query * DEPTH;
    const found = { ids: ids.subarray(from, from + DEPTH), scores: scores.subarray(from, from + DEPTH) };
    spotCheck(found, plainCosines(vectors, rows, dimensions, queries[query]));
  }
  return { ids, scores };
}

function spotCheck({ ids, scores }, cosines) {
  const expected = cosines.toSorted().reverse();
  for (let i = 0; i < ids.length; i++) {
    // Scores are compared, not ids: rows that tie may stand in either order.
    const wrong = Math.abs(cosines[ids[i]] - expected[i]) > ROUNDING || Math.abs(scores[i] - expected[i]) > ROUNDING;
    if (wrong) throw new Error(`Neighbour ${i} has the cosine ${cosines[ids[i]]}, and should have ${expected[i]}`);
  }
  if (new Set(ids).size !== ids.length) throw new Error('A neighbour comes twice');
}

function plainCosines(vectors, rows, dimensions, query) {
  const cosines = new Float64Array(rows);
  const length = Math.hypot(...query);
  for (let row = 0; row < rows; row++) {
    let dot = 0;
    let square = 0;
    for (let i = 0; i < dimensions; i++) {
      const value = vectors[row * dimensions + i];
      dot += value * query[i];
      square += value * value;
    }
    cosines[row] = dot / Math.sqrt(square) / length;
  }
  return cosines;
}
