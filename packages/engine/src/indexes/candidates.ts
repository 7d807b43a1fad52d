import type { Bitset } from './bitset.js';

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
  const order = Array.from(records.keys());
  order.sort((a, b) => scores[b] - scores[a] || tieBreak(records[a], records[b]));
  const length = Math.min(limit, order.length);
  const sortedRecords = new Uint32Array(length);
  const sortedScores = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    sortedRecords[i] = records[order[i]];
    sortedScores[i] = scores[order[i]];
  }
  return { records: sortedRecords, scores: sortedScores };
}
