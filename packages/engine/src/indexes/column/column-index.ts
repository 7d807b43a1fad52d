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
  /** How many rows meet a condition on the whole field; where it is more than `enough`, perhaps not all. Takes microseconds. */
  estimate(condition: Condition, enough?: number): Cardinality;
  /**
   * Sets the bits of the rows below `rows` that meet a condition on the whole field; `into` holds these rows in words of
   * 32, all 0 before. Bits from `rows` on may be set in the last word. Of rows that are not in `within`, if that is given,
   * bits may be set or not.
   */
  match(condition: Condition, rows: number, into: Uint32Array, within?: Uint32Array): Steps;
  /**
   * The rows below `rows` that meet a condition on the whole field, each once, in no particular order, where the index finds
   * them without a bitmap and they are at most `most`. Takes nanoseconds a row.
   */
  list?(condition: Condition, rows: number, most: number): Uint32Array | undefined;
  /**
   * Of `rows`, those for which it is `holds` whether they meet a condition on the whole field; they are moved to the front of
   * `rows`, which is shared. Takes nanoseconds a row; undefined, with nothing changed, where it would take longer.
   */
  keep?(condition: Condition, rows: Uint32Array, holds: boolean): Uint32Array | undefined;
  /** How often each value, or element of one, occurs in the rows of `within`; undefined where the type has no facets. */
  countValues?(within: Uint32Array): Steps<ValueCounts>;
}
