import type { Bitset } from './bitset.js';
import { bestOfEach } from './candidates.js';
import { EMPTY_HAND, collect, joined, type Hand } from './collect.js';
import type { FlatIndex } from './flat/flat-index.js';
import type { HnswIndex } from './hnsw/hnsw-index.js';

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
}

export type SearchScope = 'every' | 'living' | 'filtered';

/** Scores nodes of a sealed segment exactly, whose vectors are not in memory; NaN for one that cannot be read. */
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
}

/** At most so many times the wanted records are scored at full precision when each score is read from the file. */
const FILE_OVERSAMPLING = 4;
/** And at least so many. */
const FILE_RESCORED = 64;

/** Every allowed vector of a flat segment, scored. */
export function scanFlat(index: FlatIndex, { query, wanted, allowed, rows }: SegmentRequest): Hand {
  return index.collect(query, wanted, allowed, rows);
}

/** Every allowed vector of a sealed segment, scored at full precision from memory. */
export function scanGraph({ index, owners, records, walker }: GraphAccess, request: SegmentRequest): Hand {
  const { query, wanted, allowed, rows } = request;
  const { count, dimensions } = index.header;
  const queries = query.length / dimensions;
  const crowding = (count / records) * queries;
  const scan = (room: number, left: Bitset): Hand => {
    let hand = EMPTY_HAND;
    for (let i = 0; i < queries; i++) {
      const vector = query.subarray(i * dimensions, (i + 1) * dimensions);
      const found = index.scan(vector, { limit: Math.min(room, count), walker, bitmap: left.words(rows) });
      const rejected = Math.max(hand.rejected, found.rejected);
      hand = { ...joined(hand, { ...found, records: ownersOf(owners, found.nodes) }), rejected };
    }
    return hand;
  };
  return collect(scan, wanted, allowed, crowding);
}

/** About the best allowed records of a sealed segment, by walking its graph; scored at full precision. */
export function walkGraph(access: GraphAccess, request: SegmentRequest, ef: number): WalkedHand {
  const { dimensions } = access.index.header;
  let all: WalkedHand = { ...EMPTY_HAND, computed: 0, hops: 0 };
  for (let at = 0; at < request.query.length; at += dimensions) {
    const walked = walkOnce(access, request, request.query.subarray(at, at + dimensions), ef);
    all = { ...joined(all, walked), computed: all.computed + walked.computed, hops: all.hops + walked.hops };
  }
  return request.query.length === dimensions ? all : { ...all, ...bestOfEach(all.records, all.scores) };
}

function walkOnce(
  { index, owners, walker, scorer }: GraphAccess,
  { wanted, allowed, rows, scope }: SegmentRequest,
  query: Float32Array,
  ef: number,
): WalkedHand {
  const bitmap = scope === 'every' ? undefined : scope === 'living' ? 'resident' : allowed.words(rows);
  const hits = index.search(query, { ef, walker, bitmap });
  let { nodes, scores } = hits;
  let rescored = 0;
  if (index.header.quantization !== 'none') {
    if (scorer !== undefined) nodes = nodes.subarray(0, Math.max(FILE_RESCORED, wanted * FILE_OVERSAMPLING));
    scores = scorer === undefined ? index.rescore(query, nodes, walker) : scorer(query, nodes);
    rescored = nodes.length;
  }
  const records = ownersOf(owners, nodes);
  const best = bestOfEach(records, scores);
  const rejected = nodes.length < ef ? -Infinity : Infinity;
  return { ...best, rejected, scored: rescored, computed: hits.computed + rescored, hops: hits.hops };
}

function ownersOf(owners: Uint32Array, nodes: Uint32Array): Uint32Array {
  return nodes.map((node) => owners[node]);
}
