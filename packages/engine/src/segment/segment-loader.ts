import type { CollectionStore } from '../store/index.js';
import { MutableSegment } from './mutable-segment.js';

const PAGE_RECORDS = 512;

/** Fills a new segment, or adds to one what it lacks at its end, from the store: a page of records at a time, so that the event loop turns between pages. */
export class SegmentLoader {
  constructor(
    readonly store: CollectionStore,
    readonly segment = new MutableSegment(store.entry),
  ) {}

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
    this.segment.reserve(page);
    for (const version of page) this.segment.append(version);
    return page.length < PAGE_RECORDS;
  }
}
