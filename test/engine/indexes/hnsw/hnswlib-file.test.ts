import t from 'tap';
import { NearfieldError } from '@nearfield/engine';
import { readHnswlibFile } from '@nearfield/engine/internals/indexes/index';
import { seededRandom } from '../../filter/random-filter.js';
import { buildHnswlib, clustered, indexOver, M, savedBytes } from './graphs.js';

const SEED = Number(process.env.NEARFIELD_SEED ?? 7);
const HEADER_BYTES = 96;

const random = seededRandom(SEED);
const vectors = clustered(random, 300, 6);
const bytes = savedBytes(buildHnswlib(vectors, 'cosine'));
const expected = { dimensions: 6, m: M, count: 300 };

t.test('a saved graph is read node by node', async (t) => {
  const graph = readHnswlibFile(bytes, expected);
  t.equal(graph.count, 300);
  t.equal(graph.links.length, 300 * (2 * M + 1));
  t.equal(graph.upper.length, graph.offsets[300] * (M + 1));
  t.equal(graph.offsets[graph.entry + 1] - graph.offsets[graph.entry], graph.maxLevel, 'the entry is on the top level');
  t.ok(graph.maxLevel > 0);
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  t.same(readHnswlibFile(shifted.subarray(1), expected), graph, 'wherever the bytes lie');
});

t.test('a graph of another shape is refused', async (t) => {
  for (const other of [{ dimensions: 7 }, { m: M + 1 }, { count: 299 }, { count: 301 }]) {
    t.throws(() => readHnswlibFile(bytes, { ...expected, ...other }), { code: 'CORRUPT' }, JSON.stringify(other));
  }
});

t.test('labels that are not in the order of insertion are refused', async (t) => {
  const copy = bytes.slice();
  new DataView(copy.buffer).setUint32(HEADER_BYTES + 4 + 8 * M + 4 * 6, 5, true);
  t.throws(() => readHnswlibFile(copy, expected), { code: 'CORRUPT' });
});

t.test('every cut of the file is refused', async (t) => {
  const random = seededRandom(SEED + 1);
  const lengths = [0, 1, 95, 96, bytes.length - 1, ...Array.from({ length: 200 }, () => random() * bytes.length)];
  for (const length of lengths) {
    t.throws(() => readHnswlibFile(bytes.slice(0, length), expected), { code: 'CORRUPT' }, `${length} bytes`);
  }
});

t.test(`damaged files are refused or give a graph that can be walked (NEARFIELD_SEED=${SEED})`, async (t) => {
  const random = seededRandom(SEED + 2);
  let refused = 0;
  for (let round = 0; round < 600; round++) {
    const copy = bytes.slice();
    for (let i = 0; i <= round % 4; i++) {
      // Half of the damage in the header, which is a small part of the file.
      const at = Math.floor(random() * (random() < 0.5 ? HEADER_BYTES : copy.length));
      copy[at] = Math.floor(random() * 256);
    }
    try {
      const index = indexOver(vectors, readHnswlibFile(copy, expected), 'cosine');
      t.ok(index.search(vectors[round % 300], { ef: 20, walker: 0 }).nodes.every((node) => node < 300));
    } catch (error) {
      if (!(error instanceof NearfieldError) || error.code !== 'CORRUPT') throw error;
      refused++;
    }
  }
  t.ok(refused > 100, `${refused} refused`);
});
