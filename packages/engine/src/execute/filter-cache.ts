import type { Bitset } from '../indexes/index.js';
import type { RecordTable } from '../segment/index.js';

/** Bytes of bitmaps and keys that are kept for one table. */
const CACHE_BYTES = 4 << 20;
/** A filter with a longer key is written by a program, and hardly twice. */
const LONGEST_KEY = 4096;

/** The rows that passed a filter. */
export interface CachedRows {
  /** Of the rows below `rows`, those that passed and lived when the table had this version. Not to be changed. */
  readonly matching: Bitset;
  readonly rows: number;
  readonly version: number;
}

/**
 * Rows by the canonical key of the filter that they passed, the last used kept. As the values of a row never change, what
 * was found once holds for good: of a later state of the table only the new rows are tested, and those that died dropped.
 */
export class FilterCache {
  readonly #entries = new Map<string, CachedRows>();
  #bytes = 0;

  get(key: string): CachedRows | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  set(key: string, entry: CachedRows): void {
    const bytes = bytesOf(key, entry);
    if (key.length > LONGEST_KEY || bytes > CACHE_BYTES) return;
    this.#remove(key);
    this.#entries.set(key, entry);
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= CACHE_BYTES) break;
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= bytesOf(key, entry);
  }
}

function bytesOf(key: string, { rows }: CachedRows): number {
  return key.length * 2 + rows / 8 + 200;
}

const caches = new WeakMap<RecordTable, FilterCache>();

/** The cache of a table, which goes with it. */
export function filterCache(table: RecordTable): FilterCache {
  let cache = caches.get(table);
  if (cache === undefined) caches.set(table, (cache = new FilterCache()));
  return cache;
}
