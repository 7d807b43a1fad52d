// What the sealer writes, for the process that looks at what is left.
import { POLICY_LIMITS } from '@nearfield/engine/internals/segment/index';

const DIMENSIONS = 8;
/** Records of a batch. */
export const SIZE = 40;

export const SCHEMA = {
  fields: { batch: 'integer' },
  vectors: { v: { dimensions: DIMENSIONS, metric: 'euclidean', hnsw: { m: 8, efConstruction: 40 } } },
};

/** A segment is sealed behind every other batch. */
export const LIMITS = { ...POLICY_LIMITS, flatBytes: 2 * SIZE * DIMENSIONS * 4, minVectors: 16, maxSegments: 3 };

/** The records of a batch; the first one of all batches is the same. */
export function batchOf(batch) {
  return Array.from({ length: SIZE }, (_, i) => ({
    id: i === 0 ? 'shared' : `${batch}-${i}`,
    batch,
    vectors: { v: vectorOf(batch, i) },
  }));
}

/**
 * Scattered by a hash, so that a graph of them is like any other. It has to mix well: multiples of a constant lie on a few lines, where
 * walks at a low m end in the wrong one now and then.
 */
function vectorOf(batch, i) {
  return Float32Array.from({ length: DIMENSIONS }, (_, at) => {
    // splitmix32
    let mixed = Math.imul((batch * SIZE + i) * DIMENSIONS + at + 1, 0x9e3779b9);
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296;
  });
}
