import type { CollectionStore } from '../store/index.js';
import type { RecordTable } from './record-table.js';
import { turnEventLoop } from '../workers/index.js';

const PAGE_RECORDS = 512;
/** Ids read at once: a few milliseconds. */
const BLOCK_RECORDS = 32_768;

/**
 * Fills a table from the store, a piece at a time, so that the event loop turns between pieces: first the ids of all
 * records, then what each index needs of them. What the file has beyond the greatest key of the first step is left to
 * `catchUp`, and what was deleted meanwhile to the caller.
 */
export class RecordLoader {
  constructor(
    readonly store: CollectionStore,
    readonly table: RecordTable,
  ) {}

  /** Ids, columns and postings, not the dense vectors. */
  async load(): Promise<void> {
    await this.#loadIds();
    await this.#loadColumns();
    await this.#loadPostings();
  }

  /** Appends whole records that the table lacks at its end, a page at a time. */
  async follow(): Promise<void> {
    while (!this.#step()) await turnEventLoop();
  }

  /** As `follow`, at once. */
  catchUp(): void {
    while (!this.#step());
  }

  #step(): boolean {
    const page = this.store.page(this.table.keys.last, PAGE_RECORDS);
    this.table.reserve(page);
    for (const version of page) this.table.append(version);
    return page.length < PAGE_RECORDS;
  }

  async #loadIds(): Promise<void> {
    for (let rows = BLOCK_RECORDS; rows === BLOCK_RECORDS; ) {
      const { keys, ids } = this.store.ids(this.table.keys.last, BLOCK_RECORDS);
      for (const [i, key] of keys.entries()) this.table.appendRow(key, ids[i]);
      rows = keys.length;
      await turnEventLoop();
    }
  }

  async #loadColumns(): Promise<void> {
    const { columns, keys } = this.table;
    if (columns.size === 0) return;
    const last = keys.last;
    for (let after = 0, row = 0; after < last; ) {
      const page = this.store.payloads(after, last, PAGE_RECORDS);
      if (page.length === 0) return;
      for (const [key, payload] of page) {
        while (keys.at(row) < key) row++;
        if (keys.at(row) === key) for (const [field, column] of columns) column.append(row, payload[field]);
      }
      after = page[page.length - 1][0];
      await turnEventLoop();
    }
  }

  async #loadPostings(): Promise<void> {
    const { keys, rows } = this.table;
    for (const [name, index] of this.table.sparse) {
      const space = this.store.spaces.get(name)!;
      for (let row = 0; row < rows; row += PAGE_RECORDS) {
        const end = Math.min(rows, row + PAGE_RECORDS);
        let next = row;
        for (const [key, vector] of space.range(keys.at(row), keys.at(end - 1))) {
          while (next < end && keys.at(next) < key) next++;
          if (next < end && keys.at(next) === key && !(vector instanceof Float32Array)) index.append(next, vector);
        }
        await turnEventLoop();
      }
    }
  }
}
