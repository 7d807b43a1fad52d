import {
  ONE_VECTOR,
  firstInSteps,
  notBelow,
  rank,
  type Bitset,
  type Candidates,
  type Steps,
  type TieBreak,
} from '../indexes/index.js';
import type { DenseNode } from '../plan/index.js';
import {
  isExact,
  type DenseSearch,
  type NearestPart,
  type RecordTable,
  type SegmentSearchers,
  type SegmentsHand,
  type VectorSegments,
} from '../segment/index.js';
import { lateAfter } from '../workers/index.js';
import type { Scope } from './scope.js';

/** Records that are ranked in one step. */
const FEW_RECORDS = 2048;
/** Records whose nearest part is found between two looks at the clock. */
const PARTS_PIECE = 256;

/** What a dense leg asks of the segments of its space, as they are now. */
export function denseSearch(
  leg: DenseNode,
  query: Float32Array,
  minScore: number,
  { table, allowed, filtered, matching, deadline, signal, scanRows, sql }: Scope,
): DenseSearch {
  const segments = table.dense.get(leg.vector)!;
  const reachable = filtered ? presentCount(segments, table, allowed, matching) : segments.records;
  const scope = filtered ? 'filtered' : table.size === table.rows ? 'every' : 'living';
  const { view } = segments;
  return {
    segments,
    view,
    query,
    wanted: Math.min(leg.limit, reachable),
    allowed,
    table,
    version: table.version,
    reachable,
    scope,
    minScore,
    mostScanned: scanRows - plannedComparisons(leg),
    deadline,
    signal,
    steps: leg.steps,
    sql,
  };
}

/** Vectors that a leg compares exactly for sure. */
export function plannedComparisons({ segments, unsealed }: DenseNode): number {
  const scanned = segments.filter(({ step }) => isExact(step)).reduce((sum, { matching }) => sum + matching, 0);
  return scanned + unsealed.vectors;
}

/** What the state of the rows says of a leg. `matched` is to be called in the turn of the event loop in which this is made. */
type Reach = Pick<Candidates, 'matched' | 'reachable' | 'scored'>;

/** Candidates that are still to be ranked. */
export interface Unranked extends Reach {
  /** Undefined when a record has died meanwhile, of whose vectors it is open which is the nearest. */
  readonly ranking: Steps<Candidates | undefined>;
}

/** The candidates of a dense leg from what the segments gave: of the rows as they are now, though many are ranked in steps. */
export function denseCandidates(
  leg: DenseNode,
  search: DenseSearch,
  hand: SegmentsHand,
  { allowed, filtered, matching, table, searchers }: Scope,
  tieBreak: TieBreak,
): Candidates | Unranked {
  const { segments } = search;
  const reach: Reach = {
    matched: () => segments.present(filtered ? allowed : search.allowed),
    reachable: filtered ? presentCount(segments, table, allowed, matching) : search.reachable,
    scored: hand.actual.reduce((sum, { computed }) => sum + computed, 0),
  };
  const { records, scores } = hand;
  if (records.some((row) => segments.hasSeveral(row))) {
    const several = new Set(records.filter((row) => segments.hasSeveral(row)));
    return { ...reach, ranking: rankedByParts(leg, search, hand, several, reach, table, searchers, tieBreak) };
  }
  if (records.length > FEW_RECORDS) return { ...reach, ranking: ranked(leg, search, hand, reach, tieBreak) };
  const best = notBelow(search.minScore, rank(records, scores, leg.limit, tieBreak));
  return { records: best.records, scores: best.scores, ...reach, cut: false };
}

function* ranked(
  leg: DenseNode,
  search: DenseSearch,
  { records, scores }: SegmentsHand,
  reach: Reach,
  tieBreak: TieBreak,
): Steps<Candidates> {
  const best = notBelow(search.minScore, yield* rankInSteps(records, scores, leg.limit, tieBreak));
  return { ...best, ...reach, cut: false };
}

function* rankedByParts(
  leg: DenseNode,
  search: DenseSearch,
  hand: SegmentsHand,
  several: ReadonlySet<number>,
  reach: Reach,
  table: RecordTable,
  searchers: SegmentSearchers,
  tieBreak: TieBreak,
): Steps<Candidates | undefined> {
  const first = yield* rankInSteps(hand.records, hand.scores, leg.limit, tieBreak);
  const found = yield* nearestParts(first.records, several, search, table, searchers);
  if (found === undefined) return undefined;
  const { parts, cut } = found;
  const all = search.steps.every(isExact) ? first : yield* rankAnew(first, parts, tieBreak);
  const { records, scores } = notBelow(search.minScore, all);
  const partOf = (row: number) => parts.get(row)?.part ?? ONE_VECTOR;
  return { records, scores, parts: Int32Array.from(records, partOf), ...reach, cut };
}

/** As rank, of many in steps. */
function* rankInSteps(
  records: Uint32Array,
  scores: Float32Array,
  limit: number,
  tieBreak: TieBreak,
): Steps<{ records: Uint32Array; scores: Float32Array }> {
  if (records.length <= FEW_RECORDS) return rank(records, scores, limit, tieBreak);
  const places = records.map((_, place) => place);
  const order = yield* firstInSteps(places, limit, (a, b) => scores[b] - scores[a] || tieBreak(records[a], records[b]));
  const best = { records: new Uint32Array(order.length), scores: new Float32Array(order.length) };
  for (let i = 0; i < order.length; i++) {
    best.records[i] = records[order[i]];
    best.scores[i] = scores[order[i]];
  }
  return best;
}

/** How many of the allowed records have a vector in the space. Where all live ones have, that is known. */
function presentCount(segments: VectorSegments, table: RecordTable, allowed: Bitset, matching: number): number {
  return segments.records === table.size ? matching : segments.present(allowed).count();
}

interface NearestParts {
  readonly parts: ReadonlyMap<number, NearestPart>;
  /** Whether the time was up before all were found. */
  readonly cut: boolean;
}

/**
 * Which part of each record is the nearest, by row, as far as there is time; undefined when one has died since the first step,
 * whose vectors may have left the file.
 */
function* nearestParts(
  records: Uint32Array,
  several: ReadonlySet<number>,
  search: DenseSearch,
  { keys, alive }: RecordTable,
  searchers: SegmentSearchers,
): Steps<NearestParts | undefined> {
  const rows = records.filter((row) => several.has(row));
  const parts = new Map<number, NearestPart>();
  const isLate = lateAfter(search.deadline, searchers.now);
  for (const [i, row] of rows.entries()) {
    if (i > 0 && i % PARTS_PIECE === 0) {
      if (isLate?.() === true) return { parts, cut: true };
      yield;
    }
    if (!alive.has(row)) return undefined;
    const nearest = searchers.nearestPart(search, row, keys.at(row));
    if (nearest !== undefined) parts.set(row, nearest);
  }
  return { parts, cut: false };
}

/** A walk may have come by another of a record's vectors than the nearest, whose score is the one that counts. */
function rankAnew(
  ranked: { readonly records: Uint32Array; readonly scores: Float32Array },
  parts: ReadonlyMap<number, NearestPart>,
  tieBreak: TieBreak,
): Steps<{ records: Uint32Array; scores: Float32Array }> {
  const { records, scores } = ranked;
  const best = scores.map((score, i) => Math.max(score, parts.get(records[i])?.score ?? -Infinity));
  return rankInSteps(records, best, records.length, tieBreak);
}
