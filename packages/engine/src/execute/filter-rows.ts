import { canonicalKey, compileFilter, filterFields, type Filter, type RowTest } from '../filter/index.js';
import type { Bitset, Steps } from '../indexes/index.js';
import type { LiveRecords, RecordTable } from '../segment/index.js';
import { filterCache, type CachedRows, type FilterCache } from './filter-cache.js';
import { RowMatcher } from './match-rows.js';
import { RowValues } from './row-values.js';
import { atOnce, inSteps } from '../workers/index.js';

/** New rows up to this number, and up to this share of all, are tested one by one where others were matched before. */
const FEW_ROWS = 4096;
const FEW_SHARE = 1 / 8;
/** Rows between two looks at the clock, when all that the filter reads is in memory. */
const STEP_ROWS = 256;

/**
 * The live rows that pass the filter. They are found in steps, between which the event loop turns; `finish` then tests
 * what was written meanwhile and drops what was deleted, so that the answer is that of the moment when it is called.
 */
class RowFilter {
  readonly #values: RowValues;
  readonly #inMemory: boolean;
  readonly #cache: FilterCache;
  readonly #key: string;
  /** What an earlier call found, which goes on from there. Shared. */
  #known: CachedRows | undefined;
  /** Among the rows below `#next`, those that pass; some of them may be dead. */
  #passed: Bitset | undefined;
  #next = 0;
  /** The version of the table in which all of `#passed` lived. */
  #version = -1;
  #test: RowTest | undefined;

  constructor(
    readonly filter: Filter,
    readonly table: RecordTable,
    readonly live: LiveRecords,
    mostRead: number | undefined,
  ) {
    this.#values = new RowValues(table, live.store, mostRead);
    this.#inMemory = filterFields(filter).every((field) => this.#values.isInMemory(field));
    this.#cache = filterCache(table);
    this.#key = canonicalKey(filter);
  }

  async run(signal?: AbortSignal): Promise<void> {
    this.#known = this.#cache.get(this.#key);
    if (this.#known?.version === this.table.version) return;
    if (this.#known === undefined || !this.#isWorthKeeping(this.#known.rows)) {
      const { rows, alive, version } = this.table;
      const matcher = new RowMatcher(this.#values, !this.live.context.readOnly);
      const matching = matcher.match(this.filter, alive);
      this.#passed = await inSteps(matching, signal);
      this.#next = rows;
      this.#version = version;
    }
    await inSteps(this.#testNewRows(), signal);
  }

  /** Live matching rows, now. Synchronous, so that a search can go on with the table unchanged. Not to be changed. */
  finish(): Bitset {
    const { version, rows, alive } = this.table;
    if (this.#known?.version === version) return this.#known.matching;
    atOnce(this.#testNewRows());
    const matching = this.#mine();
    if (this.#version !== version) matching.intersect(alive);
    this.#cache.set(this.#key, { matching, rows, version });
    return matching;
  }

  /** Whether testing the rows that came since takes less than matching all. */
  #isWorthKeeping(rows: number): boolean {
    const added = this.table.rows - rows;
    return added <= FEW_ROWS || added <= rows * FEW_SHARE || !this.#inMemory;
  }

  *#testNewRows(): Steps {
    const { table } = this;
    const passed = this.#mine();
    for (; this.#next < table.rows; this.#next++) {
      this.#test ??= compileFilter(this.filter, (field) => this.#values.reader(field));
      if (table.alive.has(this.#next) && this.#test(this.#next)) passed.add(this.#next);
      else passed.delete(this.#next);
      if (!this.#inMemory || this.#next % STEP_ROWS === STEP_ROWS - 1) yield;
    }
  }

  #mine(): Bitset {
    if (this.#passed === undefined) {
      this.#passed = this.#known!.matching.clone();
      this.#next = this.#known!.rows;
    }
    return this.#passed;
  }
}

/**
 * Calls `use` with the live rows that pass `filter`, or with all live rows without one; they are shared, and not to be
 * changed. `use` is called in the turn in which the rows were established: after another one, a write that ran in between
 * could have removed some.
 * @param mostRead stored records that the filter may read; beyond that SCAN_TOO_LARGE is thrown. Default: any number
 */
export async function withMatchingRows<T>(
  filter: Filter,
  live: LiveRecords,
  use: (table: RecordTable, rows: Bitset) => T,
  signal?: AbortSignal,
  mostRead?: number,
): Promise<Awaited<T>> {
  for (;;) {
    // Meanwhile another call may have begun to catch up with the writer.
    while (live.refreshing !== undefined) await live.refreshing;
    const table = live.current;
    if (filter.kind === 'all') return await use(table, table.alive);
    const rowFilter = new RowFilter(filter, table, live, mostRead);
    await rowFilter.run(signal);
    while (live.refreshing !== undefined) await live.refreshing;
    // Otherwise a rewrite has renumbered the rows.
    if (live.current === table) return await use(table, rowFilter.finish());
  }
}
