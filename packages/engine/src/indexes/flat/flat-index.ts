import { NearfieldError } from '../../errors/index.js';
import {
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
import { ONE_VECTOR, bestOfEach, rank, type Candidates, type TieBreak } from '../candidates.js';
import { VectorMemory } from './vector-memory.js';

/** A scan that brought too little is followed by one with so many times the room. */
const GROWTH = 8;
/** The most entries of the kernel's heap, 8 bytes each. */
const MAX_ROOM = 1024 * 1024;

/** Records in hand, each once with its best score; the best score that the last scan turned away; vectors scored so far. */
type Hand = Readonly<TopK>;

/**
 * Exact nearest neighbours by scanning every vector with the SIMD kernel. Vectors are appended and never move; under
 * cosine they are kept at length 1, so that the dot product is the similarity. A record may have several vectors (parts),
 * of which the best counts.
 */
export class FlatIndex {
  readonly #memory: VectorMemory;
  readonly #kernel: Kernel;
  readonly #present = new Bitset();
  /** Records that have several vectors. */
  readonly #several = new Bitset();
  #records = 0;
  #last = -1;

  constructor(
    readonly dimensions: number,
    readonly metric: Metric,
  ) {
    this.#memory = new VectorMemory(dimensions);
    this.#kernel = simdKernel(this.#memory.memory);
  }

  /** Vectors held, those of dead records included. */
  get size(): number {
    return this.#memory.size;
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

  /**
   * Adds the vectors of a record: parts x dimensions numbers (row-major), checked; they are copied. Records come in
   * ascending order, which is how the parts of one are found again.
   */
  append(record: number, vectors: Float32Array): void {
    if (record <= this.#last) throw new NearfieldError('CORRUPT', `Record row ${record} is out of order`);
    this.#last = record;
    const parts = vectors.length / this.dimensions;
    for (let part = 0; part < parts; part++) {
      const block = this.#memory.tail();
      this.#write(block.vectors + block.count * this.#memory.stride, this.#partOf(vectors, part));
      new Uint32Array(this.#memory.memory.buffer, block.owners, block.count + 1)[block.count] = record;
      block.count++;
    }
    this.#present.add(record);
    if (parts > 1) this.#several.add(record);
    this.#records++;
  }

  /**
   * The `limit` best records for `query` among those in `allowed`, exactly; ties by `tieBreak`. `query` has been checked;
   * where it is several vectors (row-major), the best pair of one of them and one of the record's counts.
   */
  search(query: Float32Array, limit: number, allowed: Bitset, rows: number, tieBreak: TieBreak): Candidates {
    const matched = this.#present.clone().intersect(allowed);
    const found = this.#collect(query, Math.min(limit, matched.count()), matched, rows);
    const ranked = rank(found.records, found.scores, limit, tieBreak);
    return { ...ranked, parts: this.#nearestParts(query, ranked.records), matched, scored: found.scored };
  }

  /**
   * The `wanted` best records of `matched` and all that tie with the last of them, by as few scans as will do. The heap of
   * a scan holds the best vectors, so a record that is in it at all is there with its best score, and done with. Where the
   * parts of few records fill it, or it may have cut a tie, the next scan leaves out the records in hand.
   */
  #collect(query: Float32Array, wanted: number, matched: Bitset, rows: number): Hand {
    const single = this.#records === this.size && query.length === this.dimensions;
    const crowding = single ? 1 : (this.size / this.#records) * (query.length / this.dimensions);
    const rejected = wanted === 0 ? -Infinity : Infinity;
    let hand: Hand = { records: new Uint32Array(), scores: new Float32Array(), rejected, scored: 0 };
    let room = Math.min(Math.ceil(wanted * crowding), MAX_ROOM);
    let left = matched;
    while (hand.rejected > -Infinity && hand.rejected >= scoreAt(wanted, hand.scores)) {
      if (hand.records.length > 0) left = without(hand.records, left);
      const found = this.#scan(query, room, left, rows);
      hand = taken(hand, single ? found : { ...found, ...bestOfEach(found.records, found.scores) });
      room = Math.min(room * GROWTH, MAX_ROOM);
    }
    return hand;
  }

  /** Which part of each record is the nearest, the first of those that tie; undefined when none has several. */
  #nearestParts(query: Float32Array, records: Uint32Array): Int32Array | undefined {
    if (!records.some((record) => this.#several.has(record))) return undefined;
    const at = this.#memory.scratch((query.length / this.dimensions) * this.#memory.stride);
    const count = this.#writeQuery(at, query);
    return Int32Array.from(records, (record) =>
      this.#several.has(record) ? this.#nearestPart(at, count, record) : ONE_VECTOR,
    );
  }

  #nearestPart(queries: number, count: number, record: number): number {
    const { stride } = this.#memory;
    const score = this.metric === 'euclidean' ? this.#kernel.squaredEuclidean : this.#kernel.dot;
    const first = this.#memory.firstOf(record);
    const parts = this.#memory.firstOf(record + 1) - first;
    let best = { part: 0, score: -Infinity };
    for (let part = 0; part < parts; part++) {
      const vector = this.#memory.addressOf(first + part);
      for (let i = 0; i < count; i++) {
        const raw = score(queries + i * stride, vector, stride >>> 4);
        // What ties is what is shown, so that of equal scores the first part is named.
        const shown = Math.fround(this.#toScore(this.metric === 'euclidean' ? -raw : raw));
        if (shown > best.score) best = { part, score: shown };
      }
    }
    return best.part;
  }

  #scan(query: Float32Array, capacity: number, allowed: Bitset, rows: number): TopK {
    const memory = this.#memory;
    const bitmap = allowed.words(rows);
    const queryBytes = (query.length / this.dimensions) * memory.stride;
    const at = memory.scratch(queryBytes + bitmap.byteLength + 16 + topKBytes(capacity));
    const bitmapAt = at + queryBytes;
    const heapAt = Math.ceil((bitmapAt + bitmap.byteLength) / 16) * 16;
    const count = this.#writeQuery(at, query);
    const buffer = memory.memory.buffer;
    new Uint32Array(buffer, bitmapAt, bitmap.length).set(bitmap);
    resetTopK(buffer, heapAt, capacity);
    const scan = this.metric === 'euclidean' ? this.#kernel.scanEuclidean : this.#kernel.scanDot;
    for (const block of memory.blocks) {
      for (let i = 0; i < count; i++) {
        const vector = at + i * memory.stride;
        scan(vector, block.vectors, block.owners, block.count, memory.stride >>> 4, bitmapAt, heapAt);
      }
    }
    const found = readTopK(buffer, heapAt);
    if (this.metric === 'dot') return found;
    const toScore = (raw: number) => this.#toScore(raw);
    return { ...found, scores: found.scores.map(toScore), rejected: Math.fround(toScore(found.rejected)) };
  }

  /** Writes the vectors of a query one after the other, and returns how many they are. */
  #writeQuery(at: number, query: Float32Array): number {
    const count = query.length / this.dimensions;
    for (let i = 0; i < count; i++) this.#write(at + i * this.#memory.stride, this.#partOf(query, i));
    return count;
  }

  #partOf(vectors: Float32Array, part: number): Float32Array {
    return vectors.subarray(part * this.dimensions, (part + 1) * this.dimensions);
  }

  #write(at: number, vector: Float32Array): void {
    const target = new Float32Array(this.#memory.memory.buffer, at, this.#memory.stride >>> 2);
    if (this.metric === 'cosine') normalizeInto(target, 0, vector);
    else target.set(vector);
    target.fill(0, vector.length);
  }

  /** A kernel's score to a public one: a distance for its square, and rounding errors kept out of a cosine's range. */
  #toScore(raw: number): number {
    if (this.metric === 'dot') return raw;
    return this.metric === 'cosine' ? clampCosine(raw) : distanceFromSquare(raw);
  }
}

function clampCosine(dot: number): number {
  return Math.max(dot === -Infinity ? dot : -1, Math.min(1, dot));
}

function distanceFromSquare(negativeSquare: number): number {
  return 0 - Math.sqrt(-negativeSquare);
}

/** The `place`-th best of the scores, from 1; -Infinity when they are fewer. */
function scoreAt(place: number, scores: Float32Array): number {
  if (scores.length < place) return -Infinity;
  if (scores.length > place) return scores.slice().sort()[scores.length - place];
  let least = Infinity;
  for (const score of scores) if (score < least) least = score;
  return least;
}

/** A hand with what another scan found. */
function taken(hand: Hand, found: Hand): Hand {
  const held = hand.records.length;
  const records = new Uint32Array(held + found.records.length);
  const scores = new Float32Array(records.length);
  records.set(hand.records);
  records.set(found.records, held);
  scores.set(hand.scores);
  scores.set(found.scores, held);
  return { records, scores, rejected: found.rejected, scored: hand.scored + found.scored };
}

function without(records: Uint32Array, rows: Bitset): Bitset {
  const rest = rows.clone();
  for (const record of records) rest.delete(record);
  return rest;
}
