import type { Origin } from './sources/source-item.js';

/** More than the engine reads ahead of what it has encoded: a few batches of 256. */
const KEPT = 4096;

/** Where the records came from that the engine took last, since it knows them by place and id alone. */
export class RecentOrigins {
  readonly #kept: { readonly id: unknown; readonly origin: Origin }[] = [];
  #count = 0;

  add(id: unknown, origin: Origin): void {
    this.#kept[this.#count++ % KEPT] = { id, origin };
  }

  /** The origin of the record at a place of the stream, from 0. */
  at(position: number): Origin | undefined {
    const kept = position < this.#count && position >= this.#count - KEPT;
    return kept ? this.#kept[position % KEPT].origin : undefined;
  }

  /** The origin of the last record of that id. */
  of(id: unknown): Origin | undefined {
    for (let back = 1; back <= Math.min(this.#count, KEPT); back++) {
      const known = this.#kept[(this.#count - back) % KEPT];
      if (known.id === id) return known.origin;
    }
    return undefined;
  }
}
