import type Database from 'better-sqlite3';
import { normalizeInto, publicScore, type Metric } from '../distance/index.js';
import {
  EMPTY_HAND,
  FlatIndex,
  NO_OWNER,
  joined,
  type Hand,
  type NodeScorer,
  type SegmentRequest,
} from '../indexes/index.js';
import { VectorBlocks, VectorsByKey, type DenseSpace, type KeyRun } from '../store/index.js';

/** The full-precision vectors of a sealed segment whose index holds codes alone: read from the file when they are needed. */
export class StoredVectors {
  readonly #byKey: VectorsByKey;
  readonly #blocks: VectorBlocks;

  /**
   * @param keys the key of each node of the segment, in the order of the runs
   * @param owners the record row of each node, or NO_OWNER
   */
  constructor(
    sql: Database.Database,
    readonly space: DenseSpace,
    readonly runs: readonly KeyRun[],
    readonly keys: Float64Array,
    readonly owners: () => Uint32Array,
  ) {
    this.#byKey = new VectorsByKey(sql, space.id, space.dimensions);
    this.#blocks = new VectorBlocks(sql, space.id, space.dimensions);
  }

  /** Exact scores of some nodes. One whose vector was dropped meanwhile, as its record died, scores -Infinity. */
  readonly score: NodeScorer = (query, nodes) => {
    const { dimensions, metric } = this.space;
    const target = normalized(query, metric);
    const found = this.#byKey.read(Array.from(new Set(Array.from(nodes, (node) => this.keys[node]))));
    return Float32Array.from(nodes, (node) => {
      const vectors = found.get(this.keys[node]);
      if (vectors === undefined) return -Infinity;
      const part = this.#partOf(node);
      return exactScore(target, vectors.subarray(part * dimensions, (part + 1) * dimensions), metric);
    });
  };

  /** As scanGraph, a block of vectors at a time. */
  readonly scan = (request: SegmentRequest): Hand => {
    let hand = EMPTY_HAND;
    const { isLate } = request;
    const owners = this.owners();
    let node = 0;
    for (const [first, last] of this.runs) {
      const isInRun = () => node < this.keys.length && this.keys[node] >= first && this.keys[node] <= last;
      for (const { keys, parts, values } of this.#blocks.read(first, last)) {
        if (node > 0 && isLate?.() === true) return { ...hand, done: node / this.keys.length };
        const block = new FlatIndex(this.space.dimensions, this.space.metric);
        let at = 0;
        for (const [i, key] of keys.entries()) {
          const end = at + (parts?.[i] ?? 1) * this.space.dimensions;
          // A vector that the segment does not hold is that of a dead record, which has not left the file yet.
          while (isInRun() && this.keys[node] < key) node++;
          const owner = isInRun() && this.keys[node] === key ? owners[node] : NO_OWNER;
          if (owner !== NO_OWNER && request.allowed.has(owner)) {
            block.append(owner, values.subarray(at, end));
          }
          at = end;
        }
        hand = joined(hand, block.collect(request.query, request, request.rows));
      }
      while (isInRun()) node++;
    }
    return hand;
  };

  /** Which of its record's vectors a node is. */
  #partOf(node: number): number {
    let first = node;
    while (first > 0 && this.keys[first - 1] === this.keys[node]) first--;
    return node - first;
  }
}

/** In double precision, then rounded, as a scan's is to within its last bits. */
function exactScore(query: Float32Array, vector: Float32Array, metric: Metric): number {
  let [product, square, length] = [0, 0, 0];
  for (let i = 0; i < query.length; i++) {
    product += query[i] * vector[i];
    square += (query[i] - vector[i]) ** 2;
    length += vector[i] * vector[i];
  }
  if (metric === 'euclidean') return publicScore(metric, -square);
  return publicScore(metric, metric === 'cosine' ? product / Math.sqrt(length) : product);
}

function normalized(query: Float32Array, metric: Metric): Float32Array {
  if (metric !== 'cosine') return query;
  const target = new Float32Array(query.length);
  normalizeInto(target, 0, query);
  return target;
}
