import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import hnswlib from 'hnswlib-node';
import type { Metric } from '@nearfield/engine/internals/distance/index';
import { HnswIndex, readHnswlibFile, type HnswGraph } from '@nearfield/engine/internals/indexes/index';
import type { Quantization } from '@nearfield/engine/internals/schema/index';
import type { Random } from '../../filter/random-filter.js';

export const M = 8;
export const EF_CONSTRUCTION = 80;

const SPACES = { cosine: 'cosine', dot: 'ip', euclidean: 'l2' } as const;

/** Vectors around random centres, as embeddings are, with dimensions of unequal spread and place. */
export function clustered(random: Random, rows: number, dimensions: number): Float32Array[] {
  const gaussian = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const centres = Array.from({ length: Math.ceil(Math.sqrt(rows)) }, () =>
    Float32Array.from({ length: dimensions }, gaussian),
  );
  const spread = Float32Array.from({ length: dimensions }, () => 0.2 + random());
  return Array.from({ length: rows }, () => {
    const centre = centres[Math.floor(random() * centres.length)];
    return Float32Array.from(centre, (value, d) => (value + 0.4 * gaussian()) * spread[d] + 0.3 * (d % 3));
  });
}

export function buildHnswlib(vectors: readonly Float32Array[], metric: Metric, m = M): hnswlib.HierarchicalNSW {
  const index = new hnswlib.HierarchicalNSW(SPACES[metric], vectors[0].length);
  index.initIndex(vectors.length, m, EF_CONSTRUCTION, 7);
  for (const [label, vector] of vectors.entries()) index.addPoint(Array.from(vector), label);
  return index;
}

export function savedBytes(index: hnswlib.HierarchicalNSW): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'nearfield-hnswlib-'));
  try {
    index.writeIndexSync(join(folder, 'graph'));
    return readFileSync(join(folder, 'graph'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function graphOf(index: hnswlib.HierarchicalNSW, m = M): HnswGraph {
  const expected = { dimensions: index.getNumDimensions(), m, count: index.getCurrentCount() };
  return readHnswlibFile(savedBytes(index), expected);
}

export function fillVectors(index: HnswIndex, vectors: readonly Float32Array[], first = 0): void {
  const rows = index.vectorRows(first, vectors.length);
  for (const [row, vector] of vectors.entries()) rows.set(vector, row * index.rowLength);
  index.normalize(first, vectors.length);
}

export function indexOver(
  vectors: readonly Float32Array[],
  graph: HnswGraph,
  metric: Metric,
  quantization: Quantization = 'none',
): HnswIndex {
  const index = HnswIndex.create({
    dimensions: vectors[0].length,
    metric,
    quantization,
    m: graph.m,
    efConstruction: EF_CONSTRUCTION,
    count: vectors.length,
    walkers: 2,
  });
  fillVectors(index, vectors);
  index.adoptGraph(graph);
  index.quantize();
  return index;
}

/** The public score in double precision. */
export function exactScore(metric: Metric, a: Float32Array, b: Float32Array): number {
  let [product, square, lengthA, lengthB] = [0, 0, 0, 0];
  for (const i of a.keys()) {
    product += a[i] * b[i];
    square += (a[i] - b[i]) ** 2;
    lengthA += a[i] ** 2;
    lengthB += b[i] ** 2;
  }
  switch (metric) {
    case 'cosine':
      return product / Math.sqrt(lengthA * lengthB);
    case 'dot':
      return product;
    case 'euclidean':
      return -Math.sqrt(square);
  }
}

/** The `k` best of the allowed nodes, best first. */
export function exactNearest(
  vectors: readonly Float32Array[],
  query: Float32Array,
  metric: Metric,
  k: number,
  allowed: (node: number) => boolean = () => true,
): number[] {
  return vectors
    .map((vector, node) => ({ node, score: exactScore(metric, query, vector) }))
    .filter(({ node }) => allowed(node))
    .sort((a, b) => b.score - a.score || a.node - b.node)
    .slice(0, k)
    .map(({ node }) => node);
}

/** The share of the expected nodes that were found. */
export function recallOf(found: Iterable<number>, expected: readonly number[]): number {
  const nodes = new Set(found);
  return expected.length === 0 ? 1 : expected.filter((node) => nodes.has(node)).length / expected.length;
}

/** The `k` nodes of the highest scores. */
export function bestOf(nodes: Uint32Array, scores: Float32Array, k: number): number[] {
  return Array.from(nodes.keys())
    .sort((a, b) => scores[b] - scores[a] || nodes[a] - nodes[b])
    .slice(0, k)
    .map((place) => nodes[place]);
}
