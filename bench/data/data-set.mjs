import { join } from 'node:path';
import { CACHE, cachedArray } from './cache-file.mjs';
import { DEPTH, groundTruth } from './ground-truth.mjs';

export const QUERIES = 1000;
export const DATA_SETS = ['glove', 'glosses', 'clustered'];

/**
 * A data set: `{ name, rows, dimensions, metric, vectors, queries, truth }`. `vectors` is one Float32Array, row after row;
 * `queries` are Float32Arrays that are not among the rows; `truth` as groundTruth gives it. With fewer rows than the whole
 * it is the beginning of it, which is a random sample.
 */
export async function loadDataSet(name, rows) {
  const set = await loadVectors(name, rows);
  return { ...set, truth: await groundTruth(name, set) };
}

/** A data set without its ground truth. */
export async function loadVectors(name, wanted) {
  if (!DATA_SETS.includes(name)) throw new Error(`No data set ${name}; there are ${DATA_SETS.join(', ')}`);
  const { dimensions, metric, largest, make } = await import(`./${name}.mjs`);
  const rows = wanted ?? largest;
  if (!(rows >= DEPTH && rows <= largest)) throw new Error(`${name} has ${DEPTH} to ${largest} rows, not ${rows}`);
  const path = (part, count) => join(CACHE, 'data', `${name}-${part}-${count}x${dimensions}.f32`);
  let made;
  const part = async (from, to) => (made ??= await make(largest, QUERIES)).subarray(from * dimensions, to * dimensions);
  const load = (name, count, from, length) =>
    cachedArray(path(name, count), Float32Array, length * dimensions, () => part(from, from + count));
  const vectors = await load('rows', largest, 0, rows);
  const flat = await load('queries', QUERIES, largest, QUERIES);
  const queries = Array.from({ length: QUERIES }, (_, i) => flat.slice(i * dimensions, (i + 1) * dimensions));
  return { name, rows, dimensions, metric, vectors, queries };
}
