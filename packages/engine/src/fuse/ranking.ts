import type { CandidateList } from '../execute/index.js';

/** What one leg says of a record: its own score, and its place, from 1. */
export interface LegScore {
  readonly leg: number;
  readonly score: number;
  readonly rank: number;
  /** Which of the record's vectors is the nearest, from 0; undefined where it has one only. */
  readonly part: number | undefined;
}

export interface RankedRecord {
  /** Record row of the segment. */
  readonly row: number;
  readonly score: number;
  readonly legs: readonly LegScore[];
}

/** The final order of the records, best first: those up to the end of the page, and with a least score all. */
export interface Ranking {
  readonly candidates: CandidateList;
  readonly records: readonly RankedRecord[];
}
