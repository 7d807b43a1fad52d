import { NearfieldError } from '../../errors/index.js';
import {
  kernelFloor,
  publicScore,
  readTopK,
  resetTopK,
  simdKernel,
  topKBytes,
  type GraphKernel,
  type Kernel,
  type Metric,
} from '../../distance/index.js';
import type { Bitset } from '../bitset.js';
import { inPieces } from '../in-pieces.js';
import { EMPTY_HAND, collect, type Hand, type Scanned, type Wanted } from '../collect.js';
import { VectorMemory, type SharedVectors } from './vector-memory.js';

/** A flat index as another thread sees it, at one moment: plain data around the shared memory. */
export interface SharedFlatIndex {
  readonly dimensions: number;
  readonly metric: Metric;
  readonly records: number;
  readonly vectors: SharedVectors;
}

/**
 * Exact nearest neighbours by scanning every vector with the SIMD kernel. Vectors are appended and never move; under
 * cosine they are kept at length 1, so that the dot product is the similarity. A record may have several vectors (parts),
 * of which the best counts.
 */
export class FlatIndex {
  readonly #kernel: Kernel & GraphKernel;
  #records = 0;
  #last = -1;

  constructor(
    readonly dimensions: number,
    readonly metric: Metric,
    readonly memory = new VectorMemory(dimensions),
  ) {
    this.#kernel = simdKernel(memory.memory);
  }

  /** A view of another thread's index, for searching. */
  static attach({ dimensions, metric, records, vectors }: SharedFlatIndex): FlatIndex {
    const index = new FlatIndex(dimensions, metric, VectorMemory.attach(dimensions, vectors));
    index.#records = records;
    return index;
  }

  /** What `attach` takes in the thread that has `slot`: the vectors held now, and scratch space of so many bytes. */
  share(slot: number, scratchBytes: number): SharedFlatIndex {
    const { dimensions, metric } = this;
    return { dimensions, metric, records: this.#records, vectors: this.memory.share(slot, scratchBytes) };
  }

  /** Vectors held, those of dead records included. */
  get size(): number {
    return this.memory.size;
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.memory.bytes;
  }

  /** Makes sure that `count` more vectors fit, or throws MEMORY_EXHAUSTED. */
  reserve(count: number): void {
    this.memory.reserve(count);
  }

  /**
   * Adds the vectors of a record: parts x dimensions numbers (row-major), checked; they are copied. Records come in
   * ascending order, which is how the parts of one are found again.
   */
  append(record: number, vectors: Float32Array): void {
    if (record <= this.#last) throw new NearfieldError('CORRUPT', `Record row ${record} is out of order`);
    this.#last = record;
    const parts = vectors.length / this.dimensions;
    for (let part = 0; part < parts; part++) this.#write(this.memory.append(record), this.#partOf(vectors, part));
    this.#records++;
  }

  /** The record of each vector, in the order of appending. */
  owners(): Uint32Array {
    return this.memory.owners();
  }

  /** A copy in which each vector belongs to `records[its record]`; where that is `nobody` it is left out. */
  renumbered(records: Uint32Array, nobody: number): FlatIndex {
    const copy = new FlatIndex(this.dimensions, this.metric);
    const owners = this.owners();
    copy.reserve(owners.length);
    for (const [place, owner] of owners.entries()) {
      const record = records[owner];
      if (record === nobody) continue;
      copy.memory.copyFrom(this.memory, place, record);
      if (record !== copy.#last) copy.#records++;
      copy.#last = record;
    }
    return copy;
  }

  /**
   * At least the `wanted` best records for `query` among those in `allowed`, exactly, with all that tie with the last
   * place, and none below `minScore`. `query` has been checked; where it is several vectors (row-major), the best pair of one of them and one of the
   * record's counts. `rows` is the number of rows that records may have.
   */
  collect(query: Float32Array, asked: Wanted, rows: number, isLate?: () => boolean): Hand {
    const crowding = (this.size / this.#records) * (query.length / this.dimensions);
    const floor = kernelFloor(this.metric, asked.minScore ?? -Infinity);
    const scan = (room: number, left: Bitset) =>
      this.#scan(query, Math.min(room, this.size), left, rows, floor, isLate);
    return this.size === 0 ? EMPTY_HAND : collect(scan, asked, crowding);
  }

  /** Which of a record's vectors is the nearest, from 0: the first of those that tie; undefined where it has only one. */
  nearestPart(query: Float32Array, record: number): number | undefined {
    const first = this.memory.firstOf(record);
    const parts = this.memory.firstOf(record + 1) - first;
    if (parts < 2) return undefined;
    const { stride } = this.memory;
    const queries = this.memory.scratch((query.length / this.dimensions) * stride);
    const count = this.#writeQuery(queries, query);
    const score = this.metric === 'euclidean' ? this.#kernel.squaredEuclidean : this.#kernel.dot;
    let best = { part: 0, score: -Infinity };
    for (let part = 0; part < parts; part++) {
      const vector = this.memory.addressOf(first + part);
      for (let i = 0; i < count; i++) {
        const raw = score(queries + i * stride, vector, stride >>> 4);
        // What ties is what is shown, so that of equal scores the first part is named.
        const shown = Math.fround(publicScore(this.metric, this.metric === 'euclidean' ? -raw : raw));
        if (shown > best.score) best = { part, score: shown };
      }
    }
    return best.part;
  }

  /** The clock is looked at behind each block. */
  #scan(
    query: Float32Array,
    capacity: number,
    allowed: Bitset,
    rows: number,
    floor: number,
    isLate: (() => boolean) | undefined,
  ): Scanned {
    const { memory } = this;
    const bitmap = allowed.words(rows);
    const queryBytes = (query.length / this.dimensions) * memory.stride;
    const at = memory.scratch(queryBytes + bitmap.byteLength + 16 + topKBytes(capacity));
    const bitmapAt = at + queryBytes;
    const heapAt = Math.ceil((bitmapAt + bitmap.byteLength) / 16) * 16;
    const count = this.#writeQuery(at, query);
    const buffer = memory.memory.buffer;
    new Uint32Array(buffer, bitmapAt, bitmap.length).set(bitmap);
    resetTopK(buffer, heapAt, capacity, floor);
    const scan = this.metric === 'euclidean' ? this.#kernel.scanEuclidean : this.#kernel.scanDot;
    const done = inPieces(memory.blocks.length * count, 1, isLate, (first, end) => {
      for (let piece = first; piece < end; piece++) {
        const block = memory.blocks[Math.floor(piece / count)];
        const vector = at + (piece % count) * memory.stride;
        scan(vector, block.vectors, block.owners, block.count, memory.stride >>> 4, bitmapAt, heapAt);
      }
    });
    const found = { ...readTopK(buffer, heapAt), done };
    if (this.metric === 'dot') return found;
    const toScore = (raw: number) => publicScore(this.metric, raw);
    return { ...found, scores: found.scores.map(toScore), rejected: Math.fround(toScore(found.rejected)) };
  }

  /** Writes the vectors of a query one after the other, and returns how many they are. */
  #writeQuery(at: number, query: Float32Array): number {
    const count = query.length / this.dimensions;
    for (let i = 0; i < count; i++) this.#write(at + i * this.memory.stride, this.#partOf(query, i));
    return count;
  }

  #partOf(vectors: Float32Array, part: number): Float32Array {
    if (vectors.length === this.dimensions) return vectors;
    return vectors.subarray(part * this.dimensions, (part + 1) * this.dimensions);
  }

  #write(at: number, vector: Float32Array): void {
    const { floats, stride } = this.memory;
    const first = at / 4;
    floats.set(vector, first);
    floats.fill(0, first + vector.length, first + stride / 4);
    if (this.metric === 'cosine') this.#kernel.normalizeRows(at, 1, stride / 16);
  }
}
