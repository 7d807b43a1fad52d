import { ONE_VECTOR, inPieces, notBelow, rank, type Bitset, type Candidates, type TieBreak } from '../indexes/index.js';
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

/** The candidates of a dense leg from what the segments gave. */
export function denseCandidates(
  leg: DenseNode,
  search: DenseSearch,
  hand: SegmentsHand,
  { allowed, filtered, matching, table, searchers }: Scope,
  tieBreak: TieBreak,
): Candidates {
  const { segments } = search;
  const ranked = rank(hand.records, hand.scores, leg.limit, tieBreak);
  const { parts, cut } = nearestParts(ranked.records, search, table, searchers);
  const isScanned = search.steps.every(isExact);
  const all = parts === undefined || isScanned ? ranked : rankAnew(ranked, parts, tieBreak);
  const { records, scores } = notBelow(search.minScore, all);
  const matched = () => segments.present(filtered ? allowed : search.allowed);
  return {
    records,
    scores,
    parts: parts && Int32Array.from(records, (row) => parts.get(row)?.part ?? ONE_VECTOR),
    matched,
    reachable: filtered ? presentCount(segments, table, allowed, matching) : search.reachable,
    scored: hand.actual.reduce((sum, { computed }) => sum + computed, 0),
    cut,
  };
}

/** How many of the allowed records have a vector in the space. Where all live ones have, that is known. */
function presentCount(segments: VectorSegments, table: RecordTable, allowed: Bitset, matching: number): number {
  return segments.records === table.size ? matching : segments.present(allowed).count();
}

interface NearestParts {
  readonly parts: ReadonlyMap<number, NearestPart> | undefined;
  /** Whether the time was up before all were found. */
  readonly cut: boolean;
}

const NO_PARTS: NearestParts = { parts: undefined, cut: false };

/** Which part of each record is the nearest, by row, as far as there is time; undefined when no record has several. */
function nearestParts(
  records: Uint32Array,
  search: DenseSearch,
  { keys }: RecordTable,
  searchers: SegmentSearchers,
): NearestParts {
  const { segments } = search;
  if (!records.some((row) => segments.hasSeveral(row))) return NO_PARTS;
  const several = records.filter((row) => segments.hasSeveral(row));
  const parts = new Map<number, NearestPart>();
  const isLate = lateAfter(search.deadline, searchers.now);
  const done = inPieces(several.length, PARTS_PIECE, isLate, (first, end) => {
    for (const row of several.subarray(first, end)) {
      const nearest = searchers.nearestPart(search, row, keys.at(row));
      if (nearest !== undefined) parts.set(row, nearest);
    }
  });
  return { parts, cut: done < 1 };
}

/** A walk may have come by another of a record's vectors than the nearest, whose score is the one that counts. */
function rankAnew(
  ranked: { readonly records: Uint32Array; readonly scores: Float32Array },
  parts: ReadonlyMap<number, NearestPart>,
  tieBreak: TieBreak,
): { records: Uint32Array; scores: Float32Array } {
  const { records, scores } = ranked;
  const best = scores.map((score, i) => Math.max(score, parts.get(records[i])?.score ?? -Infinity));
  return rank(records, best, records.length, tieBreak);
}
