import type Database from 'better-sqlite3';
import type { Bitset } from '../indexes/index.js';
import type { RecordTable, SegmentSearchers } from '../segment/index.js';

/** Over what a plan is executed. */
export interface Scope {
  readonly table: RecordTable;
  /** The live rows that pass the filter: all live rows, and shared with the table, when there is none. */
  readonly allowed: Bitset;
  readonly filtered: boolean;
  /** How many rows are allowed, when the search was laid out. */
  readonly matching: number;
  /** When what was found is the answer, in milliseconds since the epoch; Infinity for never. */
  readonly deadline: number;
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal | undefined;
  /** Vectors that each leg may compare exactly. */
  readonly scanRows: number;
  readonly searchers: SegmentSearchers;
  /** Microseconds up to which a search runs on the calling thread. */
  readonly inlineCost: number;
  /** The connection to read vectors by that are not in memory. */
  readonly sql: Database.Database;
}
