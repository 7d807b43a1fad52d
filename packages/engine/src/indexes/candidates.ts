import type { Bitset } from './bitset.js';
import { firstOf } from './select.js';

/** The best records of one index for one query, best first. */
export interface Candidates {
  /** Record rows of the segment. */
  readonly records: Uint32Array;
  /** Scores, higher is nearer, of the same length. */
  readonly scores: Float32Array;
  /** Every record that the index could have returned, had there been no limit. */
  readonly matched: Bitset;
  /** Vectors or postings that were scored. */
  readonly scored: number;
}

/** Whether record row `a` comes before `b` when their scores are equal. */
export type TieBreak = (a: number, b: number) => number;

/**
 * Sorts by descending score, equal scores by `tieBreak`, and cuts to `limit`. Given a superset that holds every record
 * tied with the last place, the result does not depend on how the superset was found.
 */
export function rank(
  records: Uint32Array,
  scores: Float32Array,
  limit: number,
  tieBreak: TieBreak,
): { records: Uint32Array; scores: Float32Array } {
  const places = new Uint32Array(records.length);
  for (let place = 0; place < places.length; place++) places[place] = place;
  const order = firstOf(places, limit, (a, b) => scores[b] - scores[a] || tieBreak(records[a], records[b]));
  return { records: order.map((place) => records[place]), scores: Float32Array.from(order, (place) => scores[place]) };
}
