import { AROUND, WALKER_MEMBERS, type GraphKernel } from '../../distance/graph-kernel.js';
import { prepareBinaryQuery } from '../quantized/binary.js';
import { allocatePages } from './graph-memory.js';
import type { About, EffortAround } from './hnsw-options.js';
import { codeShape, vectorStride, walkerParts, type HnswLayout } from './hnsw-layout.js';

const MEMBER = Object.fromEntries(WALKER_MEMBERS.map((name, at) => [name, at])) as Record<
  (typeof WALKER_MEMBERS)[number],
  number
>;

/** The records that may be found: those below `rows` that have a bit at address `bitmap` (0: all). */
export interface AllowedRecords {
  readonly bitmap: number;
  readonly rows: number;
}

/** How many nodes a walk found, and whether the time was up before its end. */
export interface Walked {
  readonly found: number;
  readonly cut: boolean;
}

/** Distances that a walk computes between two looks at the clock: at most about a millisecond. */
const PIECE_DISTANCES = 4096;
const UNLIMITED = 0xffffffff;
const ABOUT = Object.keys(AROUND) as About[];

/** The last mark before those of all nodes are cleared. */
const LAST_EPOCH = 255;

/** What the kernel counts shares in. */
const SHARE_UNIT = 65_536;

const EVERY_RECORD: AllowedRecords = { bitmap: 0, rows: 0xffffffff };

/** A query's part in the scores of a walk over codes: see codeInt8Query. */
export interface PreparedQuery {
  readonly constant: number;
  readonly productScale: number;
}

const EXACT: PreparedQuery = { constant: 0, productScale: 1 };

/**
 * One walker's scratch in the shared memory, seen from the thread that owns the walker: the query, the visited marks, the
 * heaps, and bitmaps, for which pages are taken when first needed.
 */
export class Walker {
  readonly address: number;
  readonly members: Uint32Array;
  readonly candidates: number;
  readonly #query: Float32Array;
  readonly #bits: Uint8Array;
  /** The keys that the last walk left: a node, then its distance. */
  readonly results: Int32Array;
  /** The heap of candidates, which rescoring uses for nodes and, behind them, their scores. */
  readonly #words: Uint32Array;
  readonly #floats: Float32Array;
  readonly #scales: Float32Array;

  constructor(
    readonly layout: HnswLayout,
    number: number,
  ) {
    const { header, memory, scratch } = layout;
    const parts = walkerParts(header, header.count);
    const { buffer } = memory;
    const stride = vectorStride(header.dimensions);
    this.address = scratch + number * parts.bytes;
    this.members = new Uint32Array(buffer, this.address, WALKER_MEMBERS.length);
    this.candidates = this.address + parts.candidates;
    this.#query = new Float32Array(buffer, this.address + parts.query, stride / 4);
    this.#bits = new Uint8Array(buffer, this.address + parts.codeQuery, stride);
    this.results = new Int32Array(buffer, this.address + parts.results, 2 * header.count);
    this.#words = new Uint32Array(buffer, this.candidates, 2 * header.count);
    this.#floats = new Float32Array(buffer, this.candidates, 2 * header.count);
    this.#scales = new Float32Array(buffer, this.address + 4 * MEMBER.productScale, 2);
    for (const name of [
      'query',
      'codeQuery',
      'packedQuery',
      'marks',
      'candidates',
      'results',
      'batch',
      'distances',
      'selected',
    ] as const) {
      this.members[MEMBER[name]] = this.address + parts[name];
    }
  }

  get query(): number {
    return this.members[MEMBER.query];
  }

  get computed(): number {
    return this.members[MEMBER.computed];
  }

  get hops(): number {
    return this.members[MEMBER.hops];
  }

  /** What was the case about the query of the last walk. */
  get about(): About {
    return ABOUT[this.members[MEMBER.around]];
  }

  /** See HnswHits. */
  get met(): number {
    return this.members[MEMBER.matched] / this.members[MEMBER.tested];
  }

  /** The nodes that the last walk was to keep, if it was asked for `ef`. */
  keptEffort(ef: number): number {
    switch (this.about) {
      case 'far':
        return this.members[MEMBER.farEf];
      case 'dense':
        return this.members[MEMBER.denseEf];
      case 'usual':
        return ef;
    }
  }

  setAround(around: EffortAround | undefined, most: number): void {
    const { members } = this;
    members[MEMBER.around] = AROUND.usual;
    members[MEMBER.aroundNodes] = around?.nodes ?? 0;
    members[MEMBER.farEf] = Math.min(around?.far.effort ?? 0, most);
    members[MEMBER.farBelow] = Math.round((around?.far.below ?? 0) * SHARE_UNIT);
    members[MEMBER.denseEf] = Math.min(around?.dense.effort ?? 0, most);
    members[MEMBER.denseAbove] = around === undefined ? 0xffffffff : Math.round(around.dense.above * SHARE_UNIT);
  }

  /** Marks a node as seen by the next walk. */
  hide(node: number): void {
    const marks = new Uint8Array(this.layout.memory.buffer, this.members[MEMBER.marks], this.layout.header.count);
    if (this.members[MEMBER.epoch] >= LAST_EPOCH) {
      marks.fill(0);
      this.members[MEMBER.epoch] = 0;
    }
    marks[node] = this.members[MEMBER.epoch] + 1;
  }

  /** See GraphKernel. With a clock, the walk pauses for looks at it. */
  setBudget(budget: number, hasClock: boolean): void {
    this.members[MEMBER.budget] = budget;
    this.members[MEMBER.pause] = hasClock ? PIECE_DISTANCES : UNLIMITED;
  }

  /** Goes on with a walk that has found `found` and may have paused, until it ends or the time is up. */
  finish(found: number, isLate: (() => boolean) | undefined, resume: () => number): Walked {
    const { members } = this;
    let cut = false;
    while (members[MEMBER.paused] === 1) {
      cut = isLate!();
      if (cut) members[MEMBER.budget] = 0;
      else members[MEMBER.pause] = Math.min(UNLIMITED, this.computed + this.hops + PIECE_DISTANCES);
      found = resume();
    }
    return { found, cut };
  }

  /** Puts the query in place for exact scores. */
  writeQuery(query: Float32Array, kernel: GraphKernel): void {
    this.#query.set(query);
    if (this.layout.header.metric === 'cosine') kernel.normalizeRows(this.query, 1, this.#query.length / 4);
  }

  /** Puts the query in place, also as the codes need it. */
  prepareQuery(query: Float32Array, parameters: Float32Array, kernel: GraphKernel): PreparedQuery {
    this.writeQuery(query, kernel);
    const { header } = this.layout;
    switch (header.quantization) {
      case 'none':
        return EXACT;
      case 'binary': {
        const values = this.#query.subarray(0, header.dimensions);
        prepareBinaryQuery(values, parameters, this.#bits.subarray(0, codeShape(header).stride));
        return EXACT;
      }
      case 'int8': {
        const middles = parameters.byteOffset;
        const scales = middles + parameters.byteLength / 2;
        const euclidean = header.metric === 'euclidean' ? 1 : 0;
        kernel.codeInt8Query(this.address, this.#query.length / 4, middles, scales, euclidean);
        return { productScale: this.#scales[0], constant: this.#scales[1] };
      }
      default:
        return header.quantization satisfies never;
    }
  }

  /** The first `count` nodes that the last walk left. */
  nodes(count: number): Uint32Array {
    const nodes = new Uint32Array(count);
    for (let i = 0; i < count; i++) nodes[i] = this.results[2 * i];
    return nodes;
  }

  /** Puts nodes in place to be rescored, and returns their address; the scores are to follow them. */
  placeNodes(nodes: Uint32Array): number {
    this.#words.set(nodes);
    return this.candidates;
  }

  /** Puts nodes in place to be scanned, away from the heap, and returns their address. */
  listNodes(nodes: Uint32Array): number {
    this.results.set(nodes);
    return this.results.byteOffset;
  }

  /** The scores of `count` nodes that were put in place. */
  scores(count: number): Float32Array {
    return this.#floats.slice(count, 2 * count);
  }

  /** Brings a bitmap into the memory, where the next calls that say 'resident' find it. */
  setResidentBitmap(words: Uint32Array): void {
    this.#place(words, MEMBER.residentBitmap, MEMBER.residentCapacity);
    this.members[MEMBER.residentWords] = words.length;
  }

  allow(bitmap: Uint32Array | 'resident' | undefined): AllowedRecords {
    if (bitmap === undefined) return EVERY_RECORD;
    if (bitmap === 'resident') {
      return { bitmap: this.members[MEMBER.residentBitmap], rows: this.members[MEMBER.residentWords] * 32 };
    }
    this.#place(bitmap, MEMBER.bitmap, MEMBER.bitmapCapacity);
    return { bitmap: this.members[MEMBER.bitmap], rows: bitmap.length * 32 };
  }

  /** The room is kept in the walker's struct, so that it is found again by whoever attaches next. */
  #place(words: Uint32Array, at: number, capacity: number): void {
    const { memory } = this.layout;
    if (words.length > this.members[capacity]) {
      this.members[at] = allocatePages(memory, 4 * words.length);
      this.members[capacity] = words.length;
    }
    new Uint32Array(memory.buffer, this.members[at], words.length).set(words);
  }
}
