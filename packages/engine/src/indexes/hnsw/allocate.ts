import { allocatePages, createGraphMemory } from './graph-memory.js';
import {
  align,
  derivedParts,
  vectorStride,
  walkerParts,
  writeGraph,
  type HnswHeader,
  type HnswLayout,
} from './hnsw-layout.js';

const GRAPH_STRUCT_BYTES = 64;
/** The kernel's coding of the last row reads a little behind it. */
export const KERNEL_OVERREAD = 16;

/**
 * Memory for all but the derived part, in which every node is its own record. Throws MEMORY_EXHAUSTED when the whole would
 * not fit 4 GiB.
 */
export function allocate(header: HnswHeader, walkers: number, keepVectors: boolean): HnswLayout {
  const { dimensions, count } = header;
  if (count < 1) throw new Error('A graph has at least one node');
  if (!keepVectors && header.quantization === 'none') throw new Error('Without codes, the vectors are needed');
  const scratch = walkerParts(header, count).bytes * walkers;
  const owners = align(4 * count, 64);
  const vectors = keepVectors ? align(count * vectorStride(dimensions) + KERNEL_OVERREAD, 64) : 0;
  const start = GRAPH_STRUCT_BYTES + scratch + owners + vectors;
  const memory = createGraphMemory(start + derivedParts(header).bytes);
  const graph = allocatePages(memory, start);
  const layout: HnswLayout = {
    memory,
    header: Object.freeze({ ...header }),
    graph,
    scratch: graph + GRAPH_STRUCT_BYTES,
    owners: graph + GRAPH_STRUCT_BYTES + scratch,
    ownersVersion: 0,
    vectors: keepVectors ? graph + GRAPH_STRUCT_BYTES + scratch + owners : 0,
    hasDead: false,
    builder: 0,
    derived: { address: 0, bytes: 0 },
    walkers,
  };
  const identity = new Uint32Array(memory.buffer, layout.owners, count);
  for (let node = 0; node < count; node++) identity[node] = node;
  writeGraph(layout);
  return Object.freeze(layout);
}
