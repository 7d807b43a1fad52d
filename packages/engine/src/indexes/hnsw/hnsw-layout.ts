import { GRAPH_KIND, GRAPH_MEMBERS, WALKER_MEMBERS } from '../../distance/graph-kernel.js';
import { topKBytes, type Metric } from '../../distance/index.js';
import type { Quantization } from '../../schema/index.js';

/** What is needed, with the bytes of the derived part, to restore an index. Plain JSON. */
export interface HnswHeader {
  readonly dimensions: number;
  readonly metric: Metric;
  readonly quantization: Quantization;
  readonly m: number;
  readonly efConstruction: number;
  readonly count: number;
  readonly entry: number;
  readonly maxLevel: number;
  /** Blocks of links on the levels above 0. */
  readonly upperBlocks: number;
}

/** Where an index lies in its shared memory. Structured-cloneable: another thread attaches to it. */
export interface HnswLayout {
  readonly memory: WebAssembly.Memory;
  readonly header: HnswHeader;
  /** Addresses in bytes; 0 for what there is not. */
  readonly graph: number;
  readonly vectors: number;
  readonly owners: number;
  /** Counts the changes of owners: their addresses are used again. */
  readonly ownersVersion: number;
  /** Whether some node's owner is none, so that a walk must look at owners even without a filter. */
  readonly hasDead: boolean;
  /** Code parameters, codes and links: one range, which is stored and restored as it is. */
  readonly derived: { readonly address: number; readonly bytes: number };
  readonly walkers: number;
  readonly scratch: number;
  /** What inserting threads share, until the graph is sealed. */
  readonly builder: number;
}

/** So many nodes make what an index has once, such as code parameters, count for little. */
const SAMPLE_NODES = 100_000;

/** Bytes a row of vectors: f32 padded to a group of four. */
export function vectorStride(dimensions: number): number {
  return Math.ceil(dimensions / 4) * 16;
}

/** Rows of codes: their stride, and the groups that the kernel takes at a time. */
export function codeShape({
  dimensions,
  metric,
  quantization,
}: Pick<HnswHeader, 'dimensions' | 'metric' | 'quantization'>): {
  stride: number;
  groups: number;
  parameters: number;
} {
  switch (quantization) {
    case 'none':
      return { stride: 0, groups: 0, parameters: 0 };
    case 'int8': {
      const groups = Math.ceil(dimensions / 8);
      const bytes = groups * 8 + (metric === 'euclidean' ? 4 : 0);
      return { stride: align(bytes, 16), groups, parameters: 2 * groups * 8 };
    }
    case 'binary': {
      const groups = Math.ceil(dimensions / 128);
      return { stride: groups * 16, groups, parameters: align(dimensions, 8) };
    }
  }
}

/** The parts of the derived range, as addresses from its start, and its length. */
export function derivedParts(header: HnswHeader) {
  const { count, m, upperBlocks } = header;
  const code = codeShape(header);
  const codes = align(code.parameters * 4, 64);
  const links = align(codes + count * code.stride, 64);
  const offsets = align(links + count * (8 * m + 4), 16);
  const upper = align(offsets + 4 * (count + 1), 16);
  return { parameters: 0, codes, links, offsets, upper, bytes: upper + upperBlocks * (4 * m + 4) };
}

/** The parts of one walker's scratch, as addresses from its start, and its length. */
export function walkerParts(header: Pick<HnswHeader, 'dimensions' | 'm'>, capacity: number) {
  const stride = vectorStride(header.dimensions);
  // The links of two nodes, and what fills them up to a multiple of four.
  const batchBytes = align(4 * (4 * header.m + 4), 16);
  const query = align(4 * WALKER_MEMBERS.length, 16);
  const codeQuery = query + stride;
  const packedQuery = codeQuery + align(stride, 16);
  // A number, then two bytes a dimension, in sixteens.
  const batch = packedQuery + 16 + 2 * align(header.dimensions, 16);
  const distances = batch + batchBytes;
  const selected = distances + batchBytes;
  const marks = selected + batchBytes;
  const candidates = align(marks + capacity, 16);
  const results = candidates + align(topKBytes(capacity), 16);
  // Insertion sorts a full block of links and one more there.
  const bytes = align(results + 8 * Math.max(capacity, 2 * header.m + 1), 64);
  return { query, codeQuery, packedQuery, batch, distances, selected, marks, candidates, results, bytes };
}

/** Bytes of memory that one vector of a large index takes, its share of every thread's scratch included. */
export function bytesOfNode(
  header: Pick<HnswHeader, 'dimensions' | 'metric' | 'quantization' | 'm'>,
  walkers: number,
): number {
  const count = SAMPLE_NODES;
  // A node has a level above the last with a probability of 1 / m.
  const upperBlocks = Math.ceil(count / (header.m - 1));
  const full = { ...header, count, upperBlocks, efConstruction: 0, entry: 0, maxLevel: 0 };
  const scratch = walkerParts(header, count).bytes * walkers;
  const owners = 2 * 4 * count;
  return (derivedParts(full).bytes + scratch + owners) / count + vectorStride(header.dimensions);
}

/** How the kernel scores nodes of this index. */
export function graphKind({ metric, quantization }: HnswHeader): number {
  const euclidean = metric === 'euclidean';
  switch (quantization) {
    case 'none':
      return euclidean ? GRAPH_KIND.f32Euclidean : GRAPH_KIND.f32Dot;
    case 'int8':
      return euclidean ? GRAPH_KIND.int8Euclidean : GRAPH_KIND.int8Dot;
    case 'binary':
      return GRAPH_KIND.binary;
  }
}

/** Writes the struct that describes the graph to the kernel; while nodes are inserted, they are compared by their vectors. */
export function writeGraph(layout: HnswLayout): void {
  const { header, derived, builder } = layout;
  const parts = derivedParts(header);
  const code = codeShape(header);
  const members: Record<(typeof GRAPH_MEMBERS)[number], number> = {
    kind: graphKind(builder === 0 ? header : { ...header, quantization: 'none' }),
    count: header.count,
    m: header.m,
    entry: header.entry,
    maxLevel: header.maxLevel,
    links: derived.address + parts.links,
    offsets: derived.address + parts.offsets,
    upper: derived.address + parts.upper,
    vectors: layout.vectors,
    lanes: vectorStride(header.dimensions) / 16,
    codes: derived.address + parts.codes,
    codeStride: code.stride,
    codeGroups: code.groups,
  };
  const struct = new Uint32Array(layout.memory.buffer, layout.graph, GRAPH_MEMBERS.length);
  for (const [at, name] of GRAPH_MEMBERS.entries()) struct[at] = members[name];
}

export function align(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to;
}
