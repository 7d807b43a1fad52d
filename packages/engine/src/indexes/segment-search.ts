import type { Bitset } from './bitset.js';
import { bestOfEach } from './candidates.js';
import { EMPTY_HAND, collect, joined, type Hand } from './collect.js';
import type { FlatIndex } from './flat/flat-index.js';
import type { Quantization } from '../schema/index.js';
import type { HnswIndex } from './hnsw/hnsw-index.js';
import type { EffortAround, SearchOptions } from './hnsw/hnsw-options.js';

/** What one leg asks of every segment of a space. */
export interface SegmentRequest {
  /** One vector or several, row-major: the best of them counts. Checked. */
  readonly query: Float32Array;
  /** Records that are wanted, >= 1. */
  readonly wanted: number;
  /** Record rows that may be found, and the number of rows that there are. */
  readonly allowed: Bitset;
  readonly rows: number;
  /** What `allowed` leaves out: no row that lives or lived, dead rows alone, or what a filter does. */
  readonly scope: SearchScope;
  /** When segments that have not been begun are left out, in milliseconds since the epoch. Default: never. */
  readonly deadline?: number;
}

export type SearchScope = 'every' | 'living' | 'filtered';

/** Scores nodes of a sealed segment exactly, whose vectors are not in memory; -Infinity for one that is gone. */
export type NodeScorer = (query: Float32Array, nodes: Uint32Array) => Float32Array;

/** A sealed segment's index, as one thread sees it. */
export interface GraphAccess {
  readonly index: HnswIndex;
  readonly owners: Uint32Array;
  /** Records that own the vectors. */
  readonly records: number;
  /** The number of the thread's scratch space in the index; the living rows are its resident bitmap. */
  readonly walker: number;
  /** Given where the full-precision vectors stay in the file. */
  readonly scorer: NodeScorer | undefined;
}

/** A walk and what it cost. */
export interface WalkedHand extends Hand {
  /** Distances computed, those of rescoring included, and nodes whose links were followed. */
  readonly computed: number;
  readonly hops: number;
  /** See HnswHits. */
  readonly settled: boolean;
  readonly far: boolean;
}

/** How a graph is walked. */
export interface WalkOptions {
  readonly effort: number;
  /** Whether the walk stays inside the bitmap of what is allowed. Default false. */
  readonly inside?: boolean;
  /** See SearchOptions. */
  readonly around?: EffortAround;
  /** What it may cost before it gives up: see SearchOptions. */
  readonly budget?: number;
}

/** Twice the wanted, and at least so many more, hold all that int8 codes misplace: recall@10 is the same to .0005 as with all. */
const INT8_SPARE = 16;
/** Binary codes misplace much: all that a walk found is scored, or where each score is read from the file, so many. */
const BINARY_OVERSAMPLING = 8;
const BINARY_RESCORED = 128;

/** Every allowed vector of a flat segment, scored. */
export function scanFlat(index: FlatIndex, { query, wanted, allowed, rows }: SegmentRequest): Hand {
  return index.collect(query, wanted, allowed, rows);
}

/**
 * Every allowed vector of a sealed segment, scored at full precision from memory: all vectors are passed in order, or, with
 * `listed`, those that are allowed are looked up first.
 */
export function scanGraph(
  { index, owners, records, walker }: GraphAccess,
  request: SegmentRequest,
  listed = false,
): Hand {
  const { query, wanted, allowed, rows, scope } = request;
  const { count, dimensions } = index.header;
  // What passed a filter; the set of all that lives changes with it.
  const lasting = scope === 'filtered' ? allowed : undefined;
  const queries = query.length / dimensions;
  const crowding = (count / records) * queries;
  const scan = (room: number, left: Bitset): Hand => {
    let hand = EMPTY_HAND;
    for (let i = 0; i < queries; i++) {
      const vector = query.subarray(i * dimensions, (i + 1) * dimensions);
      const bitmap = left.words(rows);
      const which = listed ? { nodes: index.nodesOf(bitmap, left === lasting ? left : undefined) } : { bitmap };
      const found = index.scan(vector, { limit: Math.min(room, count), walker, ...which });
      const rejected = Math.max(hand.rejected, found.rejected);
      hand = { ...joined(hand, { ...found, records: ownersOf(owners, found.nodes) }), rejected };
    }
    return hand;
  };
  return collect(scan, wanted, allowed, crowding);
}

/** As scanGraph, of vectors that are not in memory: those that are allowed are read one by one, and all of them returned. */
export function scanStoredNodes({ index, owners, scorer }: GraphAccess, request: SegmentRequest): Hand {
  const { dimensions } = index.header;
  const nodes = index.nodesOf(request.allowed.words(request.rows));
  const [records, scores] = [ownersOf(owners, nodes), new Float32Array(nodes.length).fill(-Infinity)];
  for (let at = 0; at < request.query.length; at += dimensions) {
    const scored = scorer!(request.query.subarray(at, at + dimensions), nodes);
    for (const [i, score] of scored.entries()) scores[i] = Math.max(scores[i], score);
  }
  return { ...bestOfEach(records, scores), rejected: -Infinity, scored: nodes.length };
}

/** About the best allowed records of a sealed segment, by walking its graph; scored at full precision. */
export function walkGraph(access: GraphAccess, request: SegmentRequest, options: WalkOptions): WalkedHand {
  const { dimensions } = access.index.header;
  if (request.query.length === dimensions) return walkOnce(access, request, request.query, options);
  let all: WalkedHand = { ...EMPTY_HAND, computed: 0, hops: 0, settled: true, far: false };
  for (let at = 0; at < request.query.length; at += dimensions) {
    const walked = walkOnce(access, request, request.query.subarray(at, at + dimensions), options);
    const [computed, hops] = [all.computed + walked.computed, all.hops + walked.hops];
    all = {
      ...joined(all, walked),
      computed,
      hops,
      settled: all.settled && walked.settled,
      far: all.far || walked.far,
    };
  }
  return { ...all, ...bestOfEach(all.records, all.scores) };
}

function walkOnce(
  { index, owners, records: distinct, walker, scorer }: GraphAccess,
  { wanted, allowed, rows, scope }: SegmentRequest,
  query: Float32Array,
  { effort: ef, inside = false, around, budget }: WalkOptions,
): WalkedHand {
  const bitmap = scope === 'every' ? undefined : scope === 'living' ? 'resident' : allowed.words(rows);
  const several = distinct < index.header.count;
  const limit = rescored(index.header.quantization, wanted, several ? ef : wanted, scorer !== undefined);
  const options: SearchOptions = { ef, limit, walker, bitmap, inside, around, budget };
  const found = scorer === undefined ? index.searchRescored(query, options) : index.search(query, options);
  const { nodes, hops, settled } = found;
  const scored = { records: ownersOf(owners, nodes), scores: scorer?.(query, nodes) ?? found.scores };
  const { records, scores } = several ? bestOfEach(scored.records, scored.scores) : scored;
  const computed = found.computed + nodes.length;
  return { records, scores, rejected: Infinity, scored: nodes.length, computed, hops, settled, far: found.far };
}

/** How many of a walk's nodes are scored at full precision, best first by their codes, for `least` that are needed. */
function rescored(quantization: Quantization, wanted: number, least: number, fromFile: boolean): number {
  switch (quantization) {
    case 'none':
      return least;
    case 'int8':
      return Math.max(least, wanted + Math.max(INT8_SPARE, wanted));
    case 'binary':
      return fromFile ? Math.max(least, BINARY_RESCORED, wanted * BINARY_OVERSAMPLING) : Infinity;
    default:
      return quantization satisfies never;
  }
}

function ownersOf(owners: Uint32Array, nodes: Uint32Array): Uint32Array {
  const records = new Uint32Array(nodes.length);
  for (let i = 0; i < nodes.length; i++) records[i] = owners[nodes[i]];
  return records;
}
