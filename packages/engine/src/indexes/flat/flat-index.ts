import {
  clampCosine,
  distanceFromSquare,
  normalizeInto,
  readTopK,
  resetTopK,
  simdKernel,
  topKBytes,
  type Kernel,
  type Metric,
  type TopK,
} from '../../distance/index.js';
import { Bitset } from '../bitset.js';
import { rank, type Candidates, type TieBreak } from '../candidates.js';
import { VectorMemory } from './vector-memory.js';

/**
 * Exact nearest neighbours by scanning every vector with the SIMD kernel. Vectors are appended and never move; under
 * cosine they are kept at length 1, so that the dot product is the similarity. A record has at most one vector here.
 */
export class FlatIndex {
  readonly #memory: VectorMemory;
  readonly #kernel: Kernel;
  readonly #present = new Bitset();
  #size = 0;

  constructor(
    readonly dimensions: number,
    readonly metric: Metric,
  ) {
    this.#memory = new VectorMemory(dimensions);
    this.#kernel = simdKernel(this.#memory.memory);
  }

  /** Vectors held, those of dead records included. */
  get size(): number {
    return this.#size;
  }

  /** How many of the records in `alive` have a vector here. */
  count(alive: Bitset): number {
    return this.#present.clone().intersect(alive).count();
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.#memory.bytes;
  }

  /** Makes sure that `count` more vectors fit, or throws MEMORY_EXHAUSTED. */
  reserve(count: number): void {
    this.#memory.reserve(count);
  }

  /** Adds the vector of a record. `vector` has been checked; it is copied. */
  append(record: number, vector: Float32Array): void {
    const { stride } = this.#memory;
    const block = this.#memory.tail();
    this.#write(block.vectors + block.count * stride, vector);
    new Uint32Array(this.#memory.memory.buffer, block.owners, block.count + 1)[block.count] = record;
    block.count++;
    this.#present.add(record);
    this.#size++;
  }

  /**
   * The `limit` best records for `query` among those in `allowed`, exactly; ties by `tieBreak`. `query` has been checked.
   */
  search(query: Float32Array, limit: number, allowed: Bitset, rows: number, tieBreak: TieBreak): Candidates {
    const matched = this.#present.clone().intersect(allowed);
    const reachable = matched.count();
    let capacity = Math.min(limit, reachable);
    let found = this.#scan(query, capacity, allowed, rows);
    // A tie was cut at the boundary: take more until all that tie with the last place are in hand.
    while (capacity > 0 && capacity < reachable && found.rejected >= minimum(found.scores)) {
      capacity = Math.min(reachable, capacity * 8);
      found = this.#scan(query, capacity, allowed, rows);
    }
    return { ...rank(found.records, found.scores, limit, tieBreak), matched, scored: found.scored };
  }

  #scan(query: Float32Array, capacity: number, allowed: Bitset, rows: number): TopK {
    const memory = this.#memory;
    const bitmap = allowed.words(rows);
    const at = memory.scratch(memory.stride + bitmap.byteLength + 16 + topKBytes(capacity));
    const bitmapAt = at + memory.stride;
    const heapAt = Math.ceil((bitmapAt + bitmap.byteLength) / 16) * 16;
    this.#write(at, query);
    const buffer = memory.memory.buffer;
    new Uint32Array(buffer, bitmapAt, bitmap.length).set(bitmap);
    resetTopK(buffer, heapAt, capacity);
    const scan = this.metric === 'euclidean' ? this.#kernel.scanEuclidean : this.#kernel.scanDot;
    if (capacity > 0) {
      for (const block of memory.blocks) {
        scan(at, block.vectors, block.owners, block.count, memory.stride >>> 4, bitmapAt, heapAt);
      }
    }
    return this.#toScores(readTopK(buffer, heapAt));
  }

  #write(at: number, vector: Float32Array): void {
    const target = new Float32Array(this.#memory.memory.buffer, at, this.#memory.stride >>> 2);
    if (this.metric === 'cosine') normalizeInto(target, 0, vector);
    else target.set(vector);
    target.fill(0, vector.length);
  }

  /** Kernel scores to public ones: a distance for its square, and rounding errors kept out of a cosine's range. */
  #toScores(found: TopK): TopK {
    if (this.metric === 'dot') return found;
    const score = this.metric === 'cosine' ? clampCosine : distanceFromSquare;
    return { ...found, scores: found.scores.map(score), rejected: Math.fround(score(found.rejected)) };
  }
}

function minimum(scores: Float32Array): number {
  let least = Infinity;
  for (const score of scores) if (score < least) least = score;
  return least;
}
