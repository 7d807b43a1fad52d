import type { Cardinality, Condition } from '../../filter/index.js';

/** Work that may pause wherever it yields, so that the event loop turns. A step takes less than a millisecond. */
export type Steps<Result = void> = Generator<undefined, Result, undefined>;

/** How often each value occurs, in no particular order. */
export interface ValueCounts {
  readonly values: ArrayLike<string | number | boolean>;
  readonly counts: ArrayLike<number>;
}

/**
 * The values of one field of every record row, in memory, for filters, order and facets. Rows are only added, in
 * ascending order, and are found at once; a row's value never changes.
 */
export interface ColumnIndex {
  /** Sets the value of `row`: rows that are passed over have none. `value` has been checked against the type. */
  append(row: number, value: unknown): void;
  /** The value; `undefined` when it is missing. A datetime is milliseconds since the epoch. */
  read(row: number): unknown;
  readonly bytes: number;
  /** How many rows meet a condition on the whole field. Takes microseconds. */
  estimate(condition: Condition): Cardinality;
  /**
   * Sets the bits of the rows below `rows` that meet a condition on the whole field; `into` holds these rows in words of
   * 32, all 0 before. Bits from `rows` on may be set in the last word.
   */
  match(condition: Condition, rows: number, into: Uint32Array): Steps;
  /** How often each value, or element of one, occurs in the rows of `within`; undefined where the type has no facets. */
  countValues?(within: Uint32Array): Steps<ValueCounts>;
}
