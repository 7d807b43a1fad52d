import type { Bitset } from './bitset.js';
import { bestOfEach } from './candidates.js';
import { EMPTY_HAND, collect, joined, notBelow, type Hand } from './collect.js';
import { inPieces } from './in-pieces.js';
import type { FlatIndex } from './flat/flat-index.js';
import type { Quantization } from '../schema/index.js';
import type { HnswIndex } from './hnsw/hnsw-index.js';
import type { About, EffortAround, SearchOptions } from './hnsw/hnsw-options.js';

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
  /** The least score that is wanted. Walks may bring lower ones. Default: any. */
  readonly minScore?: number;
  /** Vectors that exact scans which follow walks may compare. Default: any number. */
  readonly mostScanned?: number;
  /** Whether the time is up: asked every millisecond or two. What was found by then is the answer. Default: it never is. */
  readonly isLate?: () => boolean;
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
  readonly cut: boolean;
  /** Of several vectors the worst: away from one of them, or together about one. */
  readonly about: About;
  /** See HnswHits; of several walks, the last one's. */
  readonly met: number;
}

/** How a graph is walked. */
export interface WalkOptions {
  readonly effort: number;
  /** Whether the walk stays inside the bitmap of what is allowed. Default false. */
  readonly inside?: boolean;
  /** See SearchOptions. */
  readonly around?: EffortAround;
  /** See SearchOptions. */
  readonly hidden?: number;
  /** What it may cost before it gives up: see SearchOptions. */
  readonly budget?: number;
  /** Whether all records that tie with the last one that is wanted are to be brought. Default false. */
  readonly ties?: boolean;
}

/** Twice the wanted, and at least so many more, hold all that int8 codes misplace: recall@10 is the same to .0005 as with all. */
const INT8_SPARE = 16;
/** Binary codes misplace much: all that a walk found is scored, or where each score is read from the file, so many. */
const BINARY_OVERSAMPLING = 8;
const BINARY_RESCORED = 128;
/** Scores that are read from the file between two looks at the clock. */
const STORED_PIECE = 1024;
/**
 * Where what ties with the last record that is wanted fills a walk, it is repeated with so many times the effort, up to the most.
 */
const TIE_GROWTH = 4;
const TIE_EFFORT = 4096;

/** Every allowed vector of a flat segment, scored. */
export function scanFlat(index: FlatIndex, request: SegmentRequest): Hand {
  return index.collect(request.query, request, request.rows, request.isLate);
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
  const { query, rows, minScore, isLate } = request;
  const { count, dimensions } = index.header;
  const lasting = lastingOf(request);
  const queries = query.length / dimensions;
  const crowding = (count / records) * queries;
  const scan = (room: number, left: Bitset): Hand => {
    const bitmap = left.words(rows);
    const which = listed ? { nodes: index.nodesOf(bitmap, left === lasting ? left : undefined) } : { bitmap };
    let hand = EMPTY_HAND;
    let [done, cut] = [0, false];
    const begun = inPieces(queries, 1, isLate, (first, end) => {
      for (let i = first; i < end; i++) {
        const vector = query.subarray(i * dimensions, (i + 1) * dimensions);
        const found = index.scan(vector, { limit: Math.min(room, count), walker, minScore, isLate, ...which });
        const rejected = Math.max(hand.rejected, found.rejected);
        hand = { ...joined(hand, { ...found, records: ownersOf(owners, found.nodes) }), rejected };
        done += found.done / queries;
        cut ||= found.done < 1;
      }
    });
    return { ...hand, done: cut || begun < 1 ? done : 1 };
  };
  return collect(scan, request, crowding);
}

/** As scanGraph, of vectors that are not in memory: those that are allowed are read one by one, and all of them returned. */
export function scanStoredNodes({ index, owners, scorer }: GraphAccess, request: SegmentRequest): Hand {
  const { minScore = -Infinity, isLate } = request;
  const all = index.nodesOf(request.allowed.words(request.rows));
  const { scores, nodes, done } = storedScores(scorer!, request.query, index.header.dimensions, all, isLate);
  const each = bestOfEach(ownersOf(owners, nodes), scores);
  return { ...notBelow(minScore, each), rejected: -Infinity, scored: nodes.length, done };
}

/** The best score of each node by the vectors of a query, in the order of the nodes, as far as there is time. */
function storedScores(
  scorer: NodeScorer,
  query: Float32Array,
  dimensions: number,
  nodes: Uint32Array,
  isLate: (() => boolean) | undefined,
): { nodes: Uint32Array; scores: Float32Array; done: number } {
  const scores = new Float32Array(nodes.length).fill(-Infinity);
  let scored = 0;
  const done = inPieces(nodes.length, STORED_PIECE, isLate, (first, end) => {
    for (let at = 0; at < query.length; at += dimensions) {
      const found = scorer(query.subarray(at, at + dimensions), nodes.subarray(first, end));
      for (const [i, score] of found.entries()) scores[first + i] = Math.max(scores[first + i], score);
    }
    scored = end;
  });
  return { nodes: nodes.subarray(0, scored), scores: scores.subarray(0, scored), done };
}

/** About the best allowed records of a sealed segment, by walking its graph; scored at full precision. */
export function walkGraph(access: GraphAccess, request: SegmentRequest, options: WalkOptions): WalkedHand {
  const { dimensions } = access.index.header;
  if (request.query.length === dimensions) return walkWithTies(access, request, request.query, options);
  let all: WalkedHand = NOT_WALKED;
  const done = inPieces(request.query.length / dimensions, 1, request.isLate, (first, end) => {
    for (let at = first * dimensions; at < end * dimensions; at += dimensions) {
      const walked = walkWithTies(access, request, request.query.subarray(at, at + dimensions), options);
      all = { ...joinedWalks(all, walked), ...joined(all, walked) };
    }
  });
  return { ...all, ...bestOfEach(all.records, all.scores), cut: all.cut || done < 1 };
}

const NOT_WALKED: WalkedHand = {
  ...EMPTY_HAND,
  computed: 0,
  hops: 0,
  settled: true,
  cut: false,
  about: 'usual',
  met: NaN,
};

/** What two walks came to together, but for what they found. */
function joinedWalks(a: WalkedHand, b: WalkedHand): Omit<WalkedHand, keyof Hand> {
  const [computed, hops] = [a.computed + b.computed, a.hops + b.hops];
  const [settled, cut, about] = [a.settled && b.settled, a.cut || b.cut, worse(a.about, b.about)];
  return { computed, hops, settled, cut, about, met: b.met };
}

/** Walks once, and, where a tie may have been cut, again with more effort. */
function walkWithTies(
  access: GraphAccess,
  request: SegmentRequest,
  query: Float32Array,
  options: WalkOptions,
): WalkedHand {
  let { effort } = options;
  let walk = walkOnce(access, request, query, options);
  let all: WalkedHand = walk;
  while (walk.tieCut && walk.settled && !walk.cut) {
    effort = TIE_GROWTH * Math.max(effort, walk.records.length);
    // There are too many to be found by a walk.
    if (effort > TIE_EFFORT) return { ...all, settled: false };
    walk = walkOnce(access, request, query, { ...options, effort, around: undefined }, true);
    all = { ...walk, ...joinedWalks(all, walk) };
  }
  return all;
}

function walkOnce(
  { index, owners, records: distinct, walker, scorer }: GraphAccess,
  request: SegmentRequest,
  query: Float32Array,
  { effort, inside = false, around, budget, hidden, ties = false }: WalkOptions,
  /** Whether all that the walk keeps are scored. */
  everything = false,
): WalkedHand & { readonly tieCut: boolean } {
  const { wanted, allowed, rows, scope, minScore = -Infinity, isLate } = request;
  const bitmap = scope === 'every' ? undefined : scope === 'living' ? 'resident' : allowed.words(rows);
  const several = distinct < index.header.count;
  // One more shows whether it ties with the last that is wanted.
  const least = ties ? wanted + 1 : wanted;
  const ef = Math.max(effort, least);
  const needed = rescored(index.header.quantization, wanted, several ? ef : least, scorer !== undefined);
  const limit = everything ? Infinity : needed;
  const lasting = lastingOf(request);
  const options: SearchOptions = { ef, limit, walker, bitmap, lasting, inside, around, budget, hidden, isLate };
  const found = scorer === undefined ? index.searchRescored(query, options) : index.search(query, options);
  const { hops, settled, about, met } = found;
  const { nodes, scores } =
    scorer === undefined ? found : storedScores(scorer, query, query.length, found.nodes, isLate);
  const scored = { records: ownersOf(owners, nodes), scores };
  const { records, scores: best } = several ? bestOfEach(scored.records, scores) : scored;
  const isWhole = nodes.length === found.found && !found.full;
  const tieCut = ties && !isWhole && endsInTie(scores, best, wanted, minScore);
  const computed = found.computed + nodes.length;
  const cut = found.cut || nodes.length < found.nodes.length;
  return {
    records,
    scores: best,
    rejected: Infinity,
    scored: nodes.length,
    done: 1,
    computed,
    hops,
    settled,
    cut,
    about,
    met,
    tieCut,
  };
}

/** What passed a filter; the set of all that lives changes with it. */
function lastingOf({ scope, allowed }: SegmentRequest): Bitset | undefined {
  return scope === 'filtered' ? allowed : undefined;
}

function worse(one: About, other: About): About {
  return one === 'far' || other === 'usual' ? one : other;
}

/** Whether the last record that is wanted is no better than the least of what was scored, so that others may tie with it. */
function endsInTie(scores: Float32Array, ofRecords: Float32Array, wanted: number, minScore: number): boolean {
  if (ofRecords.length < wanted) return false;
  let least = Infinity;
  for (const score of scores) if (score < least) least = score;
  let better = 0;
  for (const score of ofRecords) if (score > least) better++;
  return better < wanted && least >= minScore;
}

/** How many of a walk's nodes are scored at full precision, best first by their codes, for `least` that are needed. */
export function rescored(quantization: Quantization, wanted: number, least: number, fromFile: boolean): number {
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
