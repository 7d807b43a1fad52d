import { readTopK, resetTopK, topKBytes, type GraphKernel } from '../../distance/index.js';
import { rank } from '../candidates.js';
import { vectorStride, type HnswLayout } from './hnsw-layout.js';
import type { Walker } from './walker.js';

/** Bytes of vectors that are passed at a time: they stay near the processor until the last query has been compared with them. */
const BLOCK_BYTES = 128 * 1024;

/** What is looked for. */
export interface ManyOptions {
  readonly limit: number;
  /** Bits of the nodes that may be found. Default all. */
  readonly allowed?: Uint32Array;
  /** Called now and then; what it throws ends the scan. */
  readonly check?: () => void;
}

/**
 * The nearest nodes of each of many queries, best first, exactly. They are passed together, block by block: one scan after the other waits for
 * memory, and takes 2.1 times as long on 116 791 vectors of 512 dimensions, 1.2 times on 340 000 of 100.
 */
export function scanMany(
  layout: HnswLayout,
  walker: Walker,
  kernel: GraphKernel,
  queries: readonly Float32Array[],
  options: ManyOptions,
): Uint32Array[] {
  const { header, memory } = layout;
  const most = Math.min(options.limit, header.count);
  // The heaps are where a walk has its candidates, the queries where it has its results.
  const room = 8 * header.count;
  const stride = vectorStride(header.dimensions);
  const together = Math.max(1, Math.floor(Math.min(room / topKBytes(most), room / stride)));
  const found: Uint32Array[] = [];
  for (let first = 0; first < queries.length; first += together) {
    const some = queries.slice(first, first + together);
    const places = some.map((query, i) => {
      walker.writeQuery(query, kernel);
      const heap = walker.candidates + i * topKBytes(most);
      resetTopK(memory.buffer, heap, most);
      if (some.length === 1) return { query: walker.query, heap };
      const at = walker.results.byteOffset + i * stride;
      new Uint8Array(memory.buffer, at, stride).set(new Uint8Array(memory.buffer, walker.query, stride));
      return { query: at, heap };
    });
    passTogether(layout, walker, kernel, places, options);
    for (const { heap } of places) {
      const { records, scores } = readTopK(memory.buffer, heap);
      found.push(rank(records, scores, most, (a, b) => a - b).records);
    }
  }
  return found;
}

function passTogether(
  { header, graph }: HnswLayout,
  walker: Walker,
  kernel: GraphKernel,
  places: readonly { readonly query: number; readonly heap: number }[],
  { allowed, check }: ManyOptions,
): void {
  const { bitmap, rows } = walker.allow(allowed);
  const euclidean = header.metric === 'euclidean' ? 1 : 0;
  const step = Math.max(1, Math.floor(BLOCK_BYTES / vectorStride(header.dimensions)));
  for (let from = 0; from < header.count; from += step) {
    check?.();
    const end = Math.min(from + step, header.count);
    for (const { query, heap } of places) kernel.scanNodes(graph, euclidean, query, 0, bitmap, rows, from, end, heap);
  }
}
