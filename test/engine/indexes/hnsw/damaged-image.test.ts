import t from 'tap';
import { NearfieldError } from '@nearfield/engine';
import { HnswIndex, type HnswHeader } from '@nearfield/engine/internals/indexes/index';
import { seededRandom, type Random } from '../../filter/random-filter.js';
import { buildHnswlib, clustered, graphOf, indexOver } from './graphs.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 7);
const ROWS = 300;

const random = seededRandom(SEED);
const vectors = clustered(random, ROWS, 10);
const graph = graphOf(buildHnswlib(vectors, 'euclidean'));

for (const quantization of ['none', 'int8', 'binary'] as const) {
  const index = indexOver(vectors, graph, 'euclidean', quantization);
  const image = index.derived.slice();

  t.test(`damaged ${quantization} images are refused or harmless (NEARFIELD_SEED=${SEED})`, async (t) => {
    const random = seededRandom(SEED + 1);
    let refused = 0;
    for (let round = 0; round < 300; round++) {
      const copy = damage(random, image);
      const outcome = tryOut(index.header, copy);
      if (outcome === 'CORRUPT') refused++;
      else if (outcome !== 'harmless') t.fail(`round ${round}: ${outcome}`);
    }
    t.ok(refused > 30, `${refused} refused`);
  });

  t.test(`damaged headers of ${quantization} images are refused or harmless`, async (t) => {
    const values = [0, 1, 2, 7, 9, 63, 64, 299, 300, 301, 4096, 2 ** 31, 2 ** 32 - 1, 2 ** 32, -1, 0.5, NaN, 'x', null];
    for (const name of Object.keys(index.header)) {
      for (const value of values) {
        const outcome = tryOut({ ...index.header, [name]: value } as HnswHeader, image);
        t.match(outcome, /^(CORRUPT|MEMORY_EXHAUSTED|harmless)$/, `${name}: ${value}`);
      }
    }
  });
}

/** A copy with a few bytes, a word or a stretch overwritten. */
function damage(random: Random, image: Uint8Array): Uint8Array {
  const copy = image.slice();
  const at = Math.floor((random() * copy.length) / 4) * 4;
  const kind = random();
  if (kind < 0.4) copy[Math.floor(random() * copy.length)] ^= 1 << Math.floor(random() * 8);
  else if (kind < 0.8) new DataView(copy.buffer).setUint32(at, random() * 2 ** (random() * 32), true);
  else copy.fill(Math.floor(random() * 256), at, at + Math.floor(random() * 4096));
  return copy;
}

function tryOut(header: HnswHeader, image: Uint8Array): string {
  try {
    const index = HnswIndex.restore(header, (target) => target.set(image.subarray(0, target.length)), { walkers: 1 });
    if (header.dimensions !== 10 || header.count !== ROWS) return 'harmless';
    for (const [node, vector] of vectors.entries()) index.vectorRows(node, 1).set(vector);
    for (const query of vectors.slice(0, 3)) {
      const { nodes } = index.search(query, { ef: 30, walker: 0 });
      if (nodes.some((node) => node >= ROWS) || new Set(nodes).size !== nodes.length) return 'wrong nodes';
    }
    return 'harmless';
  } catch (error) {
    return error instanceof NearfieldError ? error.code : String(error);
  }
}
