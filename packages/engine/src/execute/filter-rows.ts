import { throwIfAborted } from '../errors/index.js';
import { compileFilter, type Filter, type RowReader, type RowTest } from '../filter/index.js';
import { Bitset } from '../indexes/index.js';
import type { LiveRecords, RecordTable } from '../segment/index.js';
import type { CollectionStore } from '../store/index.js';

/** The longest that a filter holds the event loop, in milliseconds, before it lets others run. */
const SLICE_MS = 4;
/** Rows between two looks at the clock, when all that the filter reads is in memory. */
const CHECK_ROWS = 256;

/**
 * The live rows that pass the filter. Rows are tested in slices, and the event loop turns in between; `finish` then tests
 * what was written meanwhile and drops what was deleted, so that the answer is that of the moment when it is called.
 */
export class RowFilter {
  readonly #test: RowTest;
  readonly #passed: Bitset;
  #next = 0;
  /** Rows between two looks at the clock: one, where reading a row may mean megabytes. */
  #checkRows = CHECK_ROWS;

  constructor(
    readonly filter: Filter,
    readonly table: RecordTable,
    readonly store: CollectionStore,
  ) {
    this.#test = compileFilter(filter, (field) => this.#bind(field));
    this.#passed = new Bitset(table.rows);
  }

  async run(signal?: AbortSignal): Promise<void> {
    for (;;) {
      throwIfAborted(signal);
      const until = performance.now() + SLICE_MS;
      while (performance.now() < until) {
        if (this.#next >= this.table.rows) return;
        this.#advance(Math.min(this.table.rows, this.#next + this.#checkRows));
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Live matching rows, now. Synchronous, so that a search can go on with the segment unchanged. */
  finish(): Bitset {
    this.#advance(this.table.rows);
    return this.#passed.clone().intersect(this.table.alive);
  }

  #advance(end: number): void {
    const { alive } = this.table;
    for (; this.#next < end; this.#next++) {
      if (alive.has(this.#next) && this.#test(this.#next)) this.#passed.add(this.#next);
    }
  }

  #bind(field: string): RowReader {
    const { columns, ids, keys } = this.table;
    if (field === 'id') return (row) => ids[row];
    const column = columns.get(field);
    if (column !== undefined) return (row) => column.read(row);
    this.#checkRows = 1;
    return (row) => {
      const payload = this.#payload(row, keys.at(row));
      return Object.hasOwn(payload, field) ? payload[field] : undefined;
    };
  }

  #cached: { row: number; payload: Record<string, unknown> } = { row: -1, payload: {} };

  /** Several fields of one row cost one read. */
  #payload(row: number, key: number): Record<string, unknown> {
    if (this.#cached.row !== row) {
      const payload = this.store.payload(key);
      if (payload === undefined) throw this.store.versionGone(this.table.ids[row]);
      this.#cached = { row, payload };
    }
    return this.#cached.payload;
  }
}

/**
 * Calls `use` with the live rows that pass `filter`, or with all live rows without one, which are then shared with the
 * table and not to be changed; see RowFilter. `use` is called in the turn in which the rows were established: after another
 * one, a write that ran in between could have removed some.
 */
export async function withMatchingRows<T>(
  filter: Filter,
  live: LiveRecords,
  use: (table: RecordTable, rows: Bitset) => T,
  signal?: AbortSignal,
): Promise<Awaited<T>> {
  for (;;) {
    // Meanwhile another call may have begun to catch up with the writer.
    while (live.refreshing !== undefined) await live.refreshing;
    const table = live.current;
    if (filter.kind === 'all') return await use(table, table.alive);
    const rowFilter = new RowFilter(filter, table, live.store);
    await rowFilter.run(signal);
    while (live.refreshing !== undefined) await live.refreshing;
    // Otherwise a rewrite has renumbered the rows.
    if (live.current === table) return await use(table, rowFilter.finish());
  }
}
