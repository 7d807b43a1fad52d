import { NearfieldError } from '../../errors/index.js';
import type { HnswGraph } from './hnsw-graph.js';

export interface HnswlibExpectation {
  dimensions: number;
  m: number;
  count: number;
}

const HEADER_BYTES = 96;
const NO_LINKS = 4;

/**
 * Reads the graph from what hnswlib's `saveIndex` wrote (hnswlib 0.8, 64-bit, little-endian). The format has no magic,
 * version or checksum: every number is checked against what was built. Nodes are hnswlib's internal numbers, and each
 * must be its own label, as it is when labels 0, 1, 2 … are added in this order. Vectors in the file are skipped.
 * Throws CORRUPT. Whether links can be followed is left to the validation of the kernel.
 */
export function readHnswlibFile(bytes: Uint8Array, expected: HnswlibExpectation): HnswGraph {
  const file = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const words = new Uint32Array(file.buffer, file.byteOffset, file.byteLength >>> 2);
  const header = readHeader(view, expected);
  const { count, m } = expected;
  const block = 2 * m + 1;
  const links = new Uint32Array(count * block);
  for (let node = 0, at = HEADER_BYTES; node < count; node++, at += header.nodeBytes) {
    // hnswlib's count is a u16 with a flag of deletion in the third byte.
    const used = view.getUint32(at, true);
    if (used > 2 * m) throw damaged(`node ${node} has ${used} links`);
    if (view.getUint32(at + header.labelAt, true) !== node || view.getUint32(at + header.labelAt + 4, true) !== 0) {
      throw damaged(`node ${node} is not its own label`);
    }
    const first = at / 4;
    for (let i = 0; i <= used; i++) links[node * block + i] = words[first + i];
  }
  const upper = readUpper(view, HEADER_BYTES + count * header.nodeBytes, expected);
  return { count, m, entry: header.entry, maxLevel: header.maxLevel, links, ...upper };
}

function readHeader(view: DataView, { dimensions, m, count }: HnswlibExpectation) {
  if (view.byteLength < HEADER_BYTES) throw damaged(`${view.byteLength} bytes`);
  const size = (at: number) => Number(view.getBigUint64(at, true));
  const linkBytes = 4 + 8 * m;
  const nodeBytes = linkBytes + 4 * dimensions + 8;
  const header = {
    nodeBytes,
    labelAt: linkBytes + 4 * dimensions,
    maxLevel: view.getInt32(48, true),
    entry: view.getUint32(52, true),
  };
  const fields: readonly (readonly [string, number, number])[] = [
    ['offset of level 0', size(0), 0],
    ['count', size(16), count],
    ['bytes a node', size(24), nodeBytes],
    ['offset of the label', size(32), header.labelAt],
    ['offset of the vector', size(40), linkBytes],
    ['links a level', size(56), m],
    ['links of level 0', size(64), 2 * m],
    ['m', size(72), m],
  ];
  for (const [name, received, wanted] of fields) {
    if (received !== wanted) throw damaged(`${name} of ${received}`, `${wanted}`);
  }
  if (count === 0 || header.entry >= count || header.maxLevel < 0) throw damaged(`entry ${header.entry}`);
  if (view.byteLength < HEADER_BYTES + count * (nodeBytes + NO_LINKS)) throw damaged(`${view.byteLength} bytes`);
  return header;
}

/** The lists above level 0: a u32 of bytes for each node, then a block of m + 1 numbers for each of its levels. */
function readUpper(view: DataView, start: number, { m, count }: HnswlibExpectation) {
  const block = m + 1;
  const blockBytes = 4 * block;
  const offsets = new Uint32Array(count + 1);
  const upper = new Uint32Array((view.byteLength - start - count * NO_LINKS) >>> 2);
  let at = start;
  for (let node = 0; node < count; node++) {
    if (at + 4 > view.byteLength) throw damaged('lists end early');
    const bytes = view.getUint32(at, true);
    at += 4;
    if (bytes % blockBytes !== 0 || at + bytes > view.byteLength) throw damaged(`a list of ${bytes} bytes`);
    const first = offsets[node] * block;
    for (let i = 0; i < bytes >>> 2; i++) upper[first + i] = view.getUint32(at + 4 * i, true);
    offsets[node + 1] = offsets[node] + bytes / blockBytes;
    at += bytes;
  }
  if (at !== view.byteLength) throw damaged(`${view.byteLength - at} bytes behind the last list`);
  return { offsets, upper: upper.subarray(0, offsets[count] * block) };
}

function damaged(received: string, expected?: string): NearfieldError {
  return new NearfieldError('CORRUPT', 'The graph that hnswlib saved cannot be read', {
    received,
    ...(expected === undefined ? {} : { expected }),
    remedy: 'Build the graph anew.',
  });
}
