import {
  BUILDER_LOCKS,
  BUILDER_MEMBERS,
  GRAPH_DAMAGE,
  GRAPH_MEMBERS,
  type GraphKernel,
} from '../../distance/graph-kernel.js';
import { kernelFloor, publicScore, readTopK, resetTopK } from '../../distance/index.js';
import type { Bitset } from '../bitset.js';
import { calibrateBinary } from '../quantized/binary.js';
import { calibrateInt8 } from '../quantized/int8.js';
import { KERNEL_OVERREAD, allocate } from './allocate.js';
import { checkHeader, corrupt } from './check-header.js';
import { emptyGraph, extendGraph } from './extend-graph.js';
import { allocatePages } from './graph-memory.js';
import type { HnswGraph } from './hnsw-graph.js';
import {
  align,
  codeShape,
  derivedParts,
  vectorStride,
  writeGraph,
  type HnswHeader,
  type HnswLayout,
} from './hnsw-layout.js';
import type { HnswHits, HnswOptions, HnswScan, ScanOptions, SearchOptions } from './hnsw-options.js';
import { readBuilder } from './read-builder.js';
import { kernelOf } from './kernel-of.js';
import { NodeBits } from './node-bits.js';
import { NodeLookup } from './node-lookup.js';
import { inPieces } from '../in-pieces.js';
import { runWalk, type Walk } from './run-walk.js';
import { readScores } from './read-scores.js';
import { scanMany, type ManyOptions } from './scan-many.js';
import { Walker } from './walker.js';

/** The owner of a node that is never returned. */
export const NO_OWNER = 0xffffffff;

/** Bytes of vectors that a scan reads between two looks at the clock: in a millisecond or two. */
const PIECE_BYTES = 8 * 1024 * 1024;
/** Rows that quantization is calibrated on, at most. */
const CALIBRATION_ROWS = 10_000;
/** Numbers that are brought into memory at a time to be coded. */
const STAGED_NUMBERS = 65_536;

/**
 * A sealed HNSW graph in one shared memory, which every thread walks: vectors, codes, links and the owner (record row) of each
 * node. Under cosine, vectors are at length 1.
 *
 * With codes, `search` compares codes: its order and scores are approximate (binary: the negative Hamming distance), and the
 * k best are found by rescoring what it returns. `ef` plays the same part as without codes: with int8 it needs no increase,
 * and rescoring the first 2 k of the ef nodes is enough; with binary codes all ef are to be rescored, and ef must be larger
 * (512-d sentence embeddings, recall@10 .96: ef 28 by f32 or int8, 70 by binary; below some 200 dimensions bits tell little).
 */
export class HnswIndex {
  readonly #kernel: GraphKernel;
  readonly #walkers: Walker[] = [];
  readonly #freeOwners: number[] = [];
  #staging = 0;
  /** The nodes of rows, and room for a list of them: made when they are first asked for. */
  #lookup: NodeLookup | undefined;
  #nodeBits: NodeBits | undefined;
  #listed: Uint32Array | undefined;
  #layout: HnswLayout;
  #parameters: Float32Array;

  private constructor(layout: HnswLayout) {
    this.#layout = layout;
    this.#kernel = kernelOf(layout.memory);
    this.#parameters = this.#parameterView();
  }

  /** Memory for `count` nodes, each its own record: fill `vectorRows`, `normalize`, `adoptGraph`, then `quantize`. */
  static create(options: HnswOptions): HnswIndex {
    const { dimensions, metric, quantization, m, efConstruction, count, walkers, keepVectors = true } = options;
    const header = {
      dimensions,
      metric,
      quantization,
      m,
      efConstruction,
      count,
      entry: 0,
      maxLevel: 0,
      upperBlocks: 0,
    };
    return new HnswIndex(allocate(header, walkers, keepVectors));
  }

  /**
   * The index of which `header` and the derived bytes were stored: `fill` puts the bytes into the array that it is given,
   * all at once or a piece at a time.
   * The vectors, if they are kept, are filled in afterwards. Throws CORRUPT unless the graph is sound.
   */
  static async restore(
    header: HnswHeader,
    fill: (target: Uint8Array) => void | Promise<void>,
    options: { walkers: number; keepVectors?: boolean },
  ): Promise<HnswIndex> {
    checkHeader(header);
    const index = new HnswIndex(allocate(header, options.walkers, options.keepVectors ?? true));
    index.#allocateDerived(header);
    await fill(index.derived);
    index.#checkGraph();
    index.#checkParameters();
    return index;
  }

  /**
   * An index with room for more nodes behind those of `base`, whose links, vectors (if it keeps them) and numbers are taken
   * over. `levels` has the highest level of each new node: see drawLevels. Fill the rows of vectors, `normalize` the new
   * ones, let any number of threads `insert`, then `seal` and `quantize`. The base itself stays as it is.
   */
  static extended(base: HnswIndex, levels: Uint8Array, options: { walkers: number }): HnswIndex {
    const { header } = base;
    const count = header.count + levels.length;
    const index = new HnswIndex(allocate({ ...header, count }, options.walkers, true));
    index.#startBuilding(header.count, extendGraph(base.graph, levels));
    if (base.layout.vectors !== 0) index.vectorRows(0, header.count).set(base.vectorRows(0, header.count));
    return index;
  }

  /** As `extended`, without a base. */
  static started(options: Omit<HnswOptions, 'count' | 'keepVectors'>, levels: Uint8Array): HnswIndex {
    const { dimensions, metric, quantization, m, efConstruction, walkers } = options;
    const header = { dimensions, metric, quantization, m, efConstruction, count: levels.length };
    const index = new HnswIndex(allocate({ ...header, entry: 0, maxLevel: 0, upperBlocks: 0 }, walkers, true));
    index.#startBuilding(1, emptyGraph(m, levels));
    return index;
  }

  /** The index that another thread laid out. */
  static attach(layout: HnswLayout): HnswIndex {
    return new HnswIndex(layout);
  }

  get layout(): HnswLayout {
    return this.#layout;
  }

  get header(): HnswHeader {
    return this.#layout.header;
  }

  /** Bytes of memory held. */
  get bytes(): number {
    return this.#layout.memory.buffer.byteLength;
  }

  /** The bytes to store: with the header, all but the vectors and owners. */
  get derived(): Uint8Array {
    const { memory, derived } = this.#layout;
    return new Uint8Array(memory.buffer, derived.address, derived.bytes);
  }

  /** The record row of each node. */
  get owners(): Uint32Array {
    const { memory, owners, header } = this.#layout;
    return new Uint32Array(memory.buffer, owners, header.count);
  }

  /** The graph, as arrays over the shared memory. */
  get graph(): HnswGraph {
    const { memory, derived, header } = this.#layout;
    const { count, m, entry, maxLevel, upperBlocks } = header;
    const parts = derivedParts(header);
    const words = (part: number, length: number) => new Uint32Array(memory.buffer, derived.address + part, length);
    const links = words(parts.links, count * (2 * m + 1));
    const upper = words(parts.upper, upperBlocks * (m + 1));
    return { count, m, entry, maxLevel, links, offsets: words(parts.offsets, count + 1), upper };
  }

  /** Numbers from one row of vectors to the next: the dimensions, padded with zeros to a multiple of four. */
  get rowLength(): number {
    return vectorStride(this.header.dimensions) / 4;
  }

  /** The rows of `count` nodes from `first` on, `rowLength` numbers each, to be read or filled. */
  vectorRows(first: number, count: number): Float32Array {
    const { memory } = this.#layout;
    return new Float32Array(memory.buffer, this.#vectors + first * this.rowLength * 4, count * this.rowLength);
  }

  /** Scales rows to length 1 if the metric is cosine. */
  normalize(first: number, count: number): void {
    if (this.header.metric !== 'cosine') return;
    this.#kernel.normalizeRows(this.#vectors + first * this.rowLength * 4, count, this.rowLength / 4);
  }

  /** Takes in a graph over the nodes. Throws CORRUPT unless it is sound. */
  adoptGraph(graph: HnswGraph): void {
    const { count, m } = this.header;
    if (graph.count !== count || graph.m !== m || graph.offsets.length !== count + 1) {
      throw corrupt(`a graph of ${graph.count} nodes at m ${graph.m}`);
    }
    this.#placeGraph(graph);
    this.#checkGraph();
  }

  /**
   * Inserts up to `most` of the new nodes that no thread has taken yet, and returns how many there were: 0 when none is left.
   * Threads that have attached to the layout may do so at the same time; a `most` of some hundreds keeps each call short.
   */
  insert(walker: number, most: number): number {
    const { builder } = this.#layout;
    if (builder === 0) throw new Error('The graph is sealed');
    return this.#kernel.insert(builder, this.#walker(walker).address, most);
  }

  /** Ends insertion, when `insert` has returned 0 to every thread. Throws CORRUPT unless the graph is sound. */
  seal(): void {
    const { memory, graph, builder } = this.#layout;
    const struct = new Uint32Array(memory.buffer, graph, GRAPH_MEMBERS.length);
    const { next, end } = readBuilder(memory, builder);
    if (next < end) throw new Error(`${end - next} nodes have not been inserted`);
    const [entry, maxLevel] = [struct[GRAPH_MEMBERS.indexOf('entry')], struct[GRAPH_MEMBERS.indexOf('maxLevel')]];
    this.#layout = Object.freeze({
      ...this.#layout,
      builder: 0,
      header: Object.freeze({ ...this.header, entry, maxLevel }),
    });
    writeGraph(this.#layout);
    this.#checkGraph();
  }

  /** Calibrates on the vectors in memory, and codes them all. */
  quantize(): void {
    const { count, quantization } = this.header;
    if (quantization === 'none') return;
    const step = Math.ceil(count / CALIBRATION_ROWS);
    const sample = new Float32Array(Math.ceil(count / step) * this.rowLength);
    for (let node = 0, at = 0; node < count; node += step, at += this.rowLength) {
      sample.set(this.vectorRows(node, 1), at);
    }
    this.calibrate(sample);
    this.#encode(0, count, this.#vectors);
  }

  /** Chooses the code parameters for vectors like those of the sample, which has `rowLength` numbers a row. */
  calibrate(sample: Float32Array): void {
    const { dimensions, quantization } = this.header;
    const { parameters } = codeShape(this.header);
    if (quantization === 'int8')
      this.#parameters.set(calibrateInt8(sample, this.rowLength, dimensions, parameters / 2));
    if (quantization === 'binary')
      this.#parameters.set(calibrateBinary(sample, this.rowLength, dimensions, parameters));
  }

  /** Codes vectors that are not in memory: those of nodes from `first` on, `rowLength` numbers each, normalised under cosine. */
  encodeRows(first: number, rows: Float32Array): void {
    const { memory } = this.#layout;
    const most = Math.ceil(STAGED_NUMBERS / this.rowLength);
    if (this.#staging === 0) this.#staging = allocatePages(memory, 4 * most * this.rowLength + KERNEL_OVERREAD);
    for (let row = 0; row * this.rowLength < rows.length; row += most) {
      const part = rows.subarray(row * this.rowLength, (row + most) * this.rowLength);
      new Float32Array(memory.buffer, this.#staging, part.length).set(part);
      this.#encode(first + row, part.length / this.rowLength, this.#staging);
    }
  }

  /** Gives every node its record row, NO_OWNER for none. Running searches, and threads not yet attached anew, keep the old ones. */
  setOwners(owners: Uint32Array): void {
    const { memory, header } = this.#layout;
    this.#lookup = undefined;
    this.#nodeBits = undefined;
    if (owners.length !== header.count) throw corrupt(`${owners.length} owners`);
    const address = this.#freeOwners.pop() ?? allocatePages(memory, owners.byteLength);
    new Uint32Array(memory.buffer, address, owners.length).set(owners);
    const ownersVersion = this.#layout.ownersVersion + 1;
    this.#layout = Object.freeze({
      ...this.#layout,
      owners: address,
      ownersVersion,
      hasDead: owners.includes(NO_OWNER),
    });
  }

  /** Lets the next setOwners use the room of owners that no search looks at any more, by their address in an old layout. */
  releaseOwners(address: number): void {
    if (address !== this.#layout.owners) this.#freeOwners.push(address);
  }

  /** Copies a bitmap of record rows for this thread's searches that say 'resident'. */
  setResidentBitmap(walker: number, words: Uint32Array): void {
    this.#walker(walker).setResidentBitmap(words);
  }

  /** Walks the graph for about the `ef` nearest allowed nodes. `query` has been checked. */
  search(query: Float32Array, options: SearchOptions): HnswHits {
    const walker = this.#walker(options.walker);
    const prepared = walker.prepareQuery(query, this.#parameters, this.#kernel);
    const walk = this.#walk(walker, options);
    const kept = Math.min(walk.found, options.limit ?? walk.found);
    const scores = readScores(this.header, walker.results, kept, prepared);
    return { nodes: walker.nodes(kept), scores, ...walk };
  }

  #walk(walker: Walker, options: SearchOptions): Walk {
    const { bitmap, lasting } = options;
    const isLasting = lasting !== undefined && bitmap instanceof Uint32Array;
    const bits = isLasting ? (this.#nodeBits ??= new NodeBits(this.owners)).of(lasting, bitmap) : undefined;
    return runWalk(this.#layout, walker, bits === undefined ? options : { ...options, bitmap: bits, ofNodes: true });
  }

  /** As `search`, with the exact scores of the vectors in memory, the same to the last bit as a scan's; in no order. */
  searchRescored(query: Float32Array, options: SearchOptions): HnswHits {
    const walker = this.#walker(options.walker);
    walker.prepareQuery(query, this.#parameters, this.#kernel);
    const walk = this.#walk(walker, options);
    const nodes = walker.nodes(Math.min(walk.found, options.limit ?? walk.found));
    return { nodes, scores: this.#rescore(walker, nodes), ...walk };
  }

  /** The `limit` best allowed nodes, exactly, by the vectors in memory. */
  scan(query: Float32Array, options: ScanOptions): HnswScan {
    const { graph, owners, hasDead, header, memory } = this.#layout;
    this.#requireVectors();
    const walker = this.#walker(options.walker);
    walker.writeQuery(query, this.#kernel);
    const { nodes, isLate } = options;
    const limit = Math.min(options.limit, header.count);
    const euclidean = header.metric === 'euclidean' ? 1 : 0;
    const floor = kernelFloor(header.metric, options.minScore ?? -Infinity);
    resetTopK(memory.buffer, walker.candidates, limit, floor);
    const piece = Math.ceil(PIECE_BYTES / (4 * this.rowLength));
    let done: number;
    if (nodes === undefined) {
      const { bitmap, rows } = walker.allow(options.bitmap);
      const looked = hasDead || options.bitmap !== undefined ? owners : 0;
      done = inPieces(header.count, piece, isLate, (first, end) =>
        this.#kernel.scanNodes(graph, euclidean, walker.query, looked, bitmap, rows, first, end, walker.candidates),
      );
    } else {
      const list = walker.listNodes(nodes);
      // From the end, as what is behind a piece is overwritten.
      done = inPieces(nodes.length, piece, isLate, (first, end) => {
        const at = list + 4 * (nodes.length - end);
        this.#kernel.scanListed(graph, euclidean, walker.query, at, end - first, walker.candidates);
      });
    }
    const { records, scores, rejected, scored } = readTopK(memory.buffer, walker.candidates);
    for (const [i, score] of scores.entries()) scores[i] = publicScore(header.metric, score);
    return { nodes: records, scores, rejected: Math.fround(publicScore(header.metric, rejected)), scored, done };
  }

  /** See scanMany. */
  scanMany(walker: number, queries: readonly Float32Array[], options: ManyOptions): Uint32Array[] {
    this.#requireVectors();
    return scanMany(this.#layout, this.#walker(walker), this.#kernel, queries, options);
  }

  /** The nodes of the rows whose bits are set, until the next call. `lasting`: the set that they are of, if it never changes. */
  nodesOf(bitmap: Uint32Array, lasting?: Bitset): Uint32Array {
    const lookup = (this.#lookup ??= new NodeLookup(this.owners, NO_OWNER));
    const listed = (this.#listed ??= new Uint32Array(this.header.count));
    if (lasting !== undefined) return lookup.nodesOfLasting(lasting, bitmap, listed);
    return listed.subarray(0, lookup.nodesOf(bitmap, listed));
  }

  /** The exact scores of nodes, by the vectors in memory: the same to the last bit as a scan's. */
  rescore(query: Float32Array, nodes: Uint32Array, walkerNumber: number): Float32Array {
    const walker = this.#walker(walkerNumber);
    walker.writeQuery(query, this.#kernel);
    return this.#rescore(walker, nodes);
  }

  /** The exact scores of nodes to the walker's query. */
  #rescore(walker: Walker, nodes: Uint32Array): Float32Array {
    const { graph, owners, header } = this.#layout;
    if (nodes.length > header.count) throw new Error(`There are only ${header.count} nodes to rescore`);
    this.#requireVectors();
    const at = walker.placeNodes(nodes);
    const euclidean = header.metric === 'euclidean' ? 1 : 0;
    this.#kernel.rescoreNodes(graph, euclidean, walker.query, owners, at, at + nodes.byteLength, nodes.length);
    const scores = walker.scores(nodes.length);
    for (let i = 0; i < scores.length; i++) scores[i] = publicScore(header.metric, scores[i]);
    return scores;
  }

  get #vectors(): number {
    this.#requireVectors();
    return this.#layout.vectors;
  }

  #requireVectors(): void {
    if (this.#layout.vectors === 0) throw new Error('The index keeps no vectors in memory');
  }

  #walker(number: number): Walker {
    const known = this.#walkers[number];
    if (known !== undefined) return known;
    if (!(number >= 0 && number < this.#layout.walkers)) throw new Error(`There is no walker ${number}`);
    return (this.#walkers[number] = new Walker(this.#layout, number));
  }

  #allocateDerived(header: HnswHeader): void {
    const { bytes } = derivedParts(header);
    const address = allocatePages(this.#layout.memory, bytes);
    this.#layout = Object.freeze({
      ...this.#layout,
      header: Object.freeze({ ...header }),
      derived: { address, bytes },
    });
    this.#parameters = this.#parameterView();
    writeGraph(this.#layout);
  }

  #placeGraph(graph: HnswGraph): void {
    const upperBlocks = graph.upper.length / (graph.m + 1);
    this.#allocateDerived({ ...this.header, entry: graph.entry, maxLevel: graph.maxLevel, upperBlocks });
    const parts = derivedParts(this.header);
    const place = (part: number, words: Uint32Array) =>
      new Uint32Array(this.#layout.memory.buffer, this.#layout.derived.address + part, words.length).set(words);
    place(parts.links, graph.links);
    place(parts.offsets, graph.offsets);
    place(parts.upper, graph.upper);
  }

  /** Puts a graph in place of which the nodes from `first` on have room but no links yet. */
  #startBuilding(first: number, graph: HnswGraph): void {
    const { memory, graph: struct, header } = this.#layout;
    const locks = align(4 * BUILDER_MEMBERS.length, 64);
    const builder = allocatePages(memory, locks + 4 * BUILDER_LOCKS);
    this.#layout = Object.freeze({ ...this.#layout, builder });
    this.#placeGraph(graph);
    const members = [struct, header.efConstruction, first, header.count, 0, builder + locks];
    new Uint32Array(memory.buffer, builder, members.length).set(members);
  }

  #encode(first: number, count: number, rows: number): void {
    const { header, derived } = this.#layout;
    const { stride, groups, parameters } = codeShape(header);
    const lanes = this.rowLength / 4;
    const codes = derived.address + derivedParts(header).codes + first * stride;
    const at = derived.address;
    if (header.quantization === 'binary') this.#kernel.encodeBinary(rows, count, lanes, codes, stride, at);
    if (header.quantization === 'int8') {
      const withNorm = header.metric === 'euclidean' ? 1 : 0;
      this.#kernel.encodeInt8(rows, count, lanes, codes, stride, groups, at, at + 2 * parameters, withNorm);
    }
  }

  #parameterView(): Float32Array {
    const { memory, derived, header } = this.#layout;
    if (derived.bytes === 0) return new Float32Array(0);
    return new Float32Array(memory.buffer, derived.address, codeShape(header).parameters);
  }

  #checkGraph(): void {
    const damage = this.#kernel.validateGraph(this.#layout.graph, this.header.upperBlocks);
    if (damage !== 0) throw corrupt(`damaged ${GRAPH_DAMAGE[damage]}`);
  }

  #checkParameters(): void {
    const { quantization, dimensions } = this.header;
    const parameters = this.#parameters;
    const used = quantization === 'binary' ? parameters.subarray(0, dimensions) : parameters;
    if (!used.every(Number.isFinite)) throw corrupt('damaged code parameters');
  }
}
