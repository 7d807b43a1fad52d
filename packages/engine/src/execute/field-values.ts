import type { Filter } from '../filter/index.js';
import type { Bitset, Steps } from '../indexes/index.js';
import type { LiveRecords, RecordTable } from '../segment/index.js';
import { withMatchingRows } from './filter-rows.js';
import { RowValues } from './row-values.js';
import { inSteps } from '../workers/index.js';

/** The values of one field, by row: from its column index, or from the records, each of which is read once. */
export class FieldValues {
  readonly #read: (row: number) => unknown;
  readonly #inMemory: boolean;
  readonly #stored = new Map<number, unknown>();

  constructor(
    readonly table: RecordTable,
    live: LiveRecords,
    field: string,
  ) {
    const values = new RowValues(table, live.store);
    this.#read = values.reader(field);
    this.#inMemory = values.isInMemory(field);
  }

  /** Reads ahead the records of rows. */
  *load(rows: Bitset): Steps {
    if (this.#inMemory) return;
    for (const row of rows.toArray()) {
      // One that has died since has no record any more.
      if (this.table.alive.has(row)) this.of(row);
      yield;
    }
  }

  /** Reads what was written since `load`, at once. From then on the values stand, whatever becomes of the records. */
  complete(rows: Uint32Array): void {
    if (!this.#inMemory) for (const row of rows) this.of(row);
  }

  /** The value of a live row; undefined when it is missing. */
  of(row: number): unknown {
    if (this.#inMemory) return this.#read(row);
    if (!this.#stored.has(row)) this.#stored.set(row, this.#read(row));
    return this.#stored.get(row);
  }
}

/**
 * As withMatchingRows, with the values of a field, which `use` can read for live rows. Without a column index the records
 * are read before, in steps: in the turn of `use`, only those are that were written meanwhile.
 */
export async function withFieldValues<T>(
  field: string,
  filter: Filter,
  live: LiveRecords,
  use: (table: RecordTable, rows: Bitset, values: FieldValues) => T,
  signal?: AbortSignal,
): Promise<T> {
  for (;;) {
    const { values, rows } = await withMatchingRows(
      filter,
      live,
      (table, matching) => ({ values: new FieldValues(table, live, field), rows: matching.clone() }),
      signal,
    );
    await inSteps(values.load(rows), signal);
    const used = await withMatchingRows(
      filter,
      live,
      // Otherwise a rewrite has renumbered the rows.
      (table, matching) => (table === values.table ? { result: use(table, matching, values) } : undefined),
      signal,
    );
    if (used !== undefined) return used.result;
  }
}
