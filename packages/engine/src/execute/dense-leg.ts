import { ONE_VECTOR, rank, type Candidates, type TieBreak } from '../indexes/index.js';
import type { DenseNode } from '../plan/index.js';
import type { DenseSearch, RecordTable, SegmentSearchers, SegmentsHand } from '../segment/index.js';
import type { Scope } from './scope.js';

/** What a dense leg asks of the segments of its space, as they are now. */
export function denseSearch(
  leg: DenseNode,
  query: Float32Array,
  { table, allowed, filtered, sql }: Scope,
): DenseSearch {
  const segments = table.dense.get(leg.vector)!;
  const reachable = filtered ? segments.present(allowed).count() : segments.records;
  const scope = filtered ? 'filtered' : table.size === table.rows ? 'every' : 'living';
  const { view } = segments;
  return {
    segments,
    view,
    query,
    wanted: Math.min(leg.limit, reachable),
    allowed,
    table,
    scope,
    steps: leg.steps,
    sql,
  };
}

/** The candidates of a dense leg from what the segments gave. */
export function denseCandidates(
  leg: DenseNode,
  search: DenseSearch,
  hand: SegmentsHand,
  { allowed, filtered, table, searchers }: Scope,
  tieBreak: TieBreak,
): Candidates {
  const { segments } = search;
  const { records, scores } = rank(hand.records, hand.scores, leg.limit, tieBreak);
  const matched = () => segments.present(allowed);
  return {
    records,
    scores,
    parts: partsOf(records, search, table, searchers),
    matched,
    reachable: filtered ? matched().count() : segments.records,
    scored: hand.computed,
  };
}

/** Which part of each record is the nearest; undefined when no record has several. */
function partsOf(
  records: Uint32Array,
  search: DenseSearch,
  { keys }: RecordTable,
  searchers: SegmentSearchers,
): Int32Array | undefined {
  const { segments } = search;
  if (!records.some((row) => segments.hasSeveral(row))) return undefined;
  return Int32Array.from(records, (row) =>
    segments.hasSeveral(row) ? (searchers.nearestPart(search, row, keys.at(row)) ?? ONE_VECTOR) : ONE_VECTOR,
  );
}
