import type { Bitset } from './bitset.js';
import { firstOf } from './select.js';

/** The best records of one index for one query, best first. */
export interface Candidates {
  /** Record rows of the segment. */
  readonly records: Uint32Array;
  /** Scores, higher is nearer, of the same length. */
  readonly scores: Float32Array;
  /**
   * Which of the record's vectors gave the score: its place among them, from 0, or ONE_VECTOR where the record has no
   * other. Absent when that is so of all.
   */
  readonly parts?: Int32Array;
  /** Every record that the index could have returned, had there been no limit, and how many they are. */
  readonly matched: () => Bitset;
  readonly reachable: number;
  /** Vectors or postings that were scored. */
  readonly scored: number;
  /** Whether the time was up before all was done that the segments left to do. */
  readonly cut: boolean;
}

/** The part of a record that has a single vector. */
export const ONE_VECTOR = -1;

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
  const ranked = { records: new Uint32Array(order.length), scores: new Float32Array(order.length) };
  for (let i = 0; i < order.length; i++) {
    ranked.records[i] = records[order[i]];
    ranked.scores[i] = scores[order[i]];
  }
  return ranked;
}

/** One entry a record, with the best of its scores, where a record may come several times. */
export function bestOfEach(records: Uint32Array, scores: Float32Array): { records: Uint32Array; scores: Float32Array } {
  const best = new Map<number, number>();
  for (let i = 0; i < records.length; i++) {
    const known = best.get(records[i]);
    if (known === undefined || scores[i] > known) best.set(records[i], scores[i]);
  }
  return { records: Uint32Array.from(best.keys()), scores: Float32Array.from(best.values()) };
}
