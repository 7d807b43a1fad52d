import hnswlib from 'hnswlib-node';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHnswlibFile, type HnswGraph, type HnswIndex } from '../indexes/index.js';

/** Vectors inserted between two looks at whether to stop. */
const SLICE = 64;
const SEED = 100;

/**
 * Builds the graph of the vectors that an index holds with hnswlib, whose C++ insertion is the best in reach. hnswlib only
 * saves to a file; that is a temporary one, which is gone on return. Undefined when `cancelled` says to stop.
 */
export function buildGraph(index: HnswIndex, cancelled: () => boolean): HnswGraph | undefined {
  const { dimensions, metric, m, efConstruction, count } = index.header;
  // Under cosine the vectors are at length 1, where the inner product orders alike.
  const graph = new hnswlib.HierarchicalNSW(metric === 'euclidean' ? 'l2' : 'ip', dimensions);
  graph.initIndex(count, m, efConstruction, SEED);
  const rows = index.vectorRows(0, count);
  // hnswlib-node takes plain arrays, and copies them: one is enough.
  const point = Array.from({ length: dimensions }, () => 0);
  for (let node = 0; node < count; node++) {
    if (node % SLICE === 0 && cancelled()) return undefined;
    const at = node * index.rowLength;
    for (let i = 0; i < dimensions; i++) point[i] = rows[at + i];
    graph.addPoint(point, node);
  }
  const folder = mkdtempSync(join(tmpdir(), 'nearfield-'));
  try {
    const file = join(folder, 'graph');
    graph.writeIndexSync(file);
    return readHnswlibFile(readFileSync(file), { dimensions, m, count });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
