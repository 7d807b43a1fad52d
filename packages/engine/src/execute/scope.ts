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
  /** When segments that have not been begun are left out, in milliseconds since the epoch; Infinity for never. */
  readonly deadline: number;
  readonly searchers: SegmentSearchers;
  /** The connection to read vectors by that are not in memory. */
  readonly sql: Database.Database;
}
