import { recallOf } from './collection-analyze.js';
import type { CollectionCore } from './collection-core.js';
import { search, type ReadyQuery } from './collection-search.js';

/** Nothing has been asked for so long, in milliseconds, when a check begins; and as long lies between two. */
const IDLE_MS = 500;
/** Checks between two times that what came of them is kept in the file. */
const SAVED_CHECKS = 16;

/**
 * Compares a few of the approximate searches with the exact answers when nothing else is to do, so that the recall that plans
 * expect is that of the queries that are really asked. What takes long runs on the threads for searches.
 */
export class RecallChecks {
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #unsaved = 0;

  constructor(readonly core: CollectionCore) {
    core.samples.onKept = () => this.#later();
  }

  /** Checks one search that waits, now; false when none does. */
  async check(): Promise<boolean> {
    const sample = this.core.samples.take() as ReadyQuery | undefined;
    if (sample === undefined) return false;
    await this.core.read(undefined, async () => {
      for (const leg of sample.query.legs.keys()) await this.#compare(aloneIn(sample, leg));
      if (++this.#unsaved >= SAVED_CHECKS) await this.#save();
    });
    return true;
  }

  /** Ends the checks, and keeps what came of them. */
  async close(): Promise<void> {
    this.#closed = true;
    this.core.samples.onKept = undefined;
    clearTimeout(this.#timer);
    // What cannot be kept is found out anew.
    await this.#save().catch(() => undefined);
  }

  async #save(): Promise<void> {
    if (this.#unsaved === 0 || this.core.readOnly) return;
    this.#unsaved = 0;
    await this.core.keepObserved();
  }

  async #compare(ready: ReadyQuery): Promise<void> {
    const { query } = ready;
    const observed = this.core.observed.get(query.legs[0].vector);
    if (observed === undefined) return;
    const { hits, info } = await this.#walked(ready);
    if (info.exact) return;
    const truth = await search(this.core, { ...ready, query: { ...query, exact: true, strategy: undefined } });
    const wanted = truth.hits.length;
    const missed = wanted * (1 - recallOf(hits, truth.hits));
    observed.add(query.filter.kind === 'all' ? 'unfiltered' : 'filtered', { wanted, missed, recall: info.recall });
  }

  /** What walks give, also where they are doubted: as the queries change, so may that. */
  async #walked(ready: ReadyQuery): ReturnType<typeof search> {
    const found = await search(this.core, ready);
    if (!found.info.exact) return found;
    return search(this.core, { ...ready, query: { ...ready.query, strategy: 'walk' } });
  }

  #later(): void {
    if (this.#timer !== undefined || this.#closed) return;
    const { offered } = this.core.samples;
    this.#timer = setTimeout(() => void this.#tick(offered), IDLE_MS);
    // A process that has nothing else to do ends.
    this.#timer.unref();
  }

  async #tick(offered: number): Promise<void> {
    this.#timer = undefined;
    const { samples, live } = this.core;
    const isIdle = samples.offered === offered && live.background.running === 0;
    // Whatever went wrong, such as a collection that was dropped meanwhile: another search will do.
    if (isIdle) await this.check().catch(() => undefined);
    if (samples.size > 0) this.#later();
  }
}

/** One leg of a search as a search of its own, whose answer is the leg's. */
function aloneIn({ query, vectors }: ReadyQuery, leg: number): ReadyQuery {
  const time = { started: performance.now(), deadline: Infinity, caller: undefined, signal: undefined };
  return {
    query: { ...query, legs: [query.legs[leg]], offset: 0, select: [], vectors: false },
    vectors: [vectors[leg]],
    weights: [1],
    time,
    observe: () => undefined,
  };
}
