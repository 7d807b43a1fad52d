/** One approximate search in so many is kept, to be compared with the exact answer when there is time. */
const ONE_IN = 16;
/** So many wait at most; later ones take the place of the oldest. */
const KEPT = 8;

/** A few of the latest approximate searches of a collection. */
export class SampledSearches<Search> {
  readonly #waiting: Search[] = [];
  #offered = 0;
  /** Called when one has been kept; without it none is. */
  onKept: (() => void) | undefined;

  /** Approximate searches so far. */
  get offered(): number {
    return this.#offered;
  }

  /** Those that wait to be taken. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Takes note of an approximate search; costs next to nothing. */
  offer(search: Search): void {
    if (this.onKept === undefined || this.#offered++ % ONE_IN !== 0) return;
    if (this.#waiting.length === KEPT) this.#waiting.shift();
    this.#waiting.push(search);
    this.onKept();
  }

  /** The latest one. */
  take(): Search | undefined {
    return this.#waiting.pop();
  }
}
