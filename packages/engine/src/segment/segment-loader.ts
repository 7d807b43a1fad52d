import type { CatalogEntry, CollectionStore } from '../store/index.js';
import { MutableSegment } from './mutable-segment.js';

const PAGE_RECORDS = 512;

/** Fills a segment from the store, a page of records at a time, so that the event loop turns between pages. */
export class SegmentLoader {
  readonly segment: MutableSegment;

  constructor(
    readonly store: CollectionStore,
    entry: CatalogEntry = store.entry,
  ) {
    this.segment = new MutableSegment(entry);
  }

  /** Loads until the store has nothing more. */
  async load(): Promise<MutableSegment> {
    while (!this.#step()) await new Promise((resolve) => setImmediate(resolve));
    return this.segment;
  }

  /** Loads at once what was committed since `load` read its last page. */
  catchUp(): MutableSegment {
    while (!this.#step());
    return this.segment;
  }

  /** Loads one page; true when there is no more. */
  #step(): boolean {
    const page = this.store.page(this.segment.keys.last, PAGE_RECORDS);
    for (const version of page) this.segment.append(version);
    return page.length < PAGE_RECORDS;
  }
}
