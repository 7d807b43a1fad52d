import type { NearfieldError } from '../errors/index.js';
import { HnswIndex, bytesOfNode } from '../indexes/index.js';
import type { CollectionStore } from '../store/index.js';
import type { FlatSegment } from './flat-segment.js';
import { gather } from './gather.js';
import { nextJob, type Job } from './merge-policy.js';
import type { RecordTable } from './record-table.js';
import { SealedSegment } from './sealed-segment.js';
import { segmentOptions, type SegmentContext } from './segment-context.js';
import type { SegmentView, VectorSegments } from './vector-segments.js';

/** Nothing was written for so long: time to seal what has come together, in milliseconds. */
const IDLE_MS = 2000;
/** The first pause after a failure, doubled with each further one up to the longest, in milliseconds. */
const RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;
/** The segments' sizes are looked at again when so many of a space's records, and at least so many, have died since. */
const DEAD_SHARE = 0.05;
const MIN_REMOVED = 1024;

/** What the maintenance of a collection needs to know of it. */
export interface MaintainedRecords {
  readonly current: RecordTable;
  /** The last commit that the table shows. */
  readonly commit: number;
}

/** The state of the background work, for statistics. */
export interface MaintenanceState {
  readonly running: number;
  readonly failure: unknown;
}

/**
 * Seals and merges the segments of one collection's vector spaces in the background. Every job takes the live vectors of
 * some segments, has a new one made of them on worker threads, and lets it take their place in one turn of the event loop;
 * until then, and when a job fails, searches go on over what there was.
 */
export class Maintenance {
  readonly #busy = new Map<VectorSegments, SegmentView>();
  readonly #jobs = new Set<Promise<void>>();
  #idle: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = RETRY_MS;
  /** Why work on a space last failed, until it comes to a good end or there is nothing to do. */
  readonly #failures = new Map<VectorSegments, unknown>();
  #closed = false;

  constructor(
    readonly records: MaintainedRecords,
    readonly store: CollectionStore,
    readonly context: SegmentContext,
  ) {}

  get state(): MaintenanceState {
    return { running: this.#jobs.size, failure: [...this.#failures.values()][0] };
  }

  /** Tidies what the last writer left, and begins what is due. */
  begin(): void {
    // Before any job runs, whose segment would be taken for one that was left behind.
    for (const segments of this.records.current.dense.values()) {
      for (const id of this.store.segments(segments.space).unfinished()) segments.unusable.add(id);
    }
    this.tidy();
    this.notify();
  }

  /** Takes out of the file what its opener could not use, and the vectors of dead records that no segment needs. */
  tidy(): void {
    if (this.#closed) return;
    for (const segments of this.records.current.dense.values()) {
      if (segments.unusable.size > 0 || segments.view.flats.some(({ orphans }) => orphans.length > 0)) {
        this.#track(segments, this.#sweep(segments));
      }
    }
  }

  /** After a commit: begins what is due, and waits for a pause in the writes. */
  notify(): void {
    if (this.#closed) return;
    this.#idle ??= setTimeout(() => this.#becomeIdle(), IDLE_MS).unref();
    this.#idle.refresh();
    if (this.#retry === undefined) this.#begin({ idle: false, forced: false });
  }

  /** Seals and merges all that the limits allow, and waits for it. Throws what a job met, when those beside it have ended too. */
  async optimize(): Promise<void> {
    // The cause of what these meet may be gone by now: their work is done again.
    let hasEarlier = this.#jobs.size > 0;
    this.#failures.clear();
    for (;;) {
      this.#begin({ idle: true, forced: true });
      if (this.#jobs.size === 0) return;
      await Promise.race(this.#jobs);
      if (this.#failures.size === 0) continue;
      await Promise.allSettled(this.#jobs);
      if (hasEarlier) this.#failures.clear();
      hasEarlier = false;
      for (const failure of this.#failures.values()) throw failure as NearfieldError;
    }
  }

  async #sweep(segments: VectorSegments): Promise<void> {
    const busy = this.#busy.get(segments)?.flats ?? [];
    const idle = segments.view.flats.filter((flat) => !busy.includes(flat));
    const orphans = idle.map((flat) => [...flat.orphans]);
    const unusable = [...segments.unusable];
    await this.#discard(segments, unusable, Float64Array.from(orphans.flat()));
    // Not before: a job that begins meanwhile, or comes behind a failure, must drop them.
    for (const id of unusable) segments.unusable.delete(id);
    for (const [i, flat] of idle.entries()) flat.forgetOrphans(orphans[i].length);
  }

  /** Begins nothing more, and waits for what runs; the builder should have been told to cancel. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    clearTimeout(this.#retry);
    await Promise.allSettled(this.#jobs);
  }

  #becomeIdle(): void {
    this.#idle = undefined;
    // Or the next attempt does that.
    if (this.#retry === undefined) this.#begin({ idle: true, forced: false });
  }

  #begin(occasion: { idle: boolean; forced: boolean }): void {
    if (this.#closed) return;
    for (const segments of this.records.current.dense.values()) {
      while (occasion.forced || occasion.idle || this.#mayBeDue(segments)) {
        const begun = this.#beginJob(segments, occasion);
        if (!begun) break;
      }
    }
  }

  /** A look that costs nothing. */
  #mayBeDue(segments: VectorSegments): boolean {
    const { builder, limits } = this.context;
    if (this.#jobs.size >= builder.threads) return false;
    const { flats, sealed } = segments.view;
    const busy = this.#busy.get(segments)?.flats.length ?? 0;
    if (flats.length - busy > 1 || sealed.length > limits.maxSegments) return true;
    return segments.removed >= MIN_REMOVED + DEAD_SHARE * segments.records;
  }

  #beginJob(segments: VectorSegments, { idle, forced }: { idle: boolean; forced: boolean }): boolean {
    const { alive } = this.records.current;
    const busy = this.#busy.get(segments) ?? { sealed: [], flats: [] };
    const sealed = segments.view.sealed.filter((segment) => !busy.sealed.includes(segment));
    const flats = segments.view.flats.filter((segment) => !busy.flats.includes(segment));
    const job = nextJob(
      {
        sealed: sealed.map((segment) => segment.sizes(alive)),
        flats: flats.map((segment) => segment.sizes(alive)),
        vectorBytes: segments.space.dimensions * 4,
        nodeBytes: this.#nodeBytes(segments),
        idle,
        forced,
        running: this.#jobs.size,
        threads: this.context.builder.threads,
      },
      this.context.limits,
    );
    if (job === undefined) return false;
    this.#start(segments, pick(job, sealed, flats));
    return true;
  }

  #nodeBytes({ space, size }: VectorSegments): number {
    const { quantization, m, walkers } = segmentOptions(this.context, this.store.entry, space, size);
    return bytesOfNode({ dimensions: space.dimensions, metric: space.metric, quantization, m }, walkers);
  }

  #start(segments: VectorSegments, parts: JobParts): void {
    const { base, sealed, flats } = parts;
    // What still grows must stand still for the job.
    if (flats.includes(segments.view.flats[segments.view.flats.length - 1])) segments.freeze();
    const view = { sealed: base === undefined ? sealed : [base, ...sealed], flats };
    const busy = this.#busy.get(segments) ?? { sealed: [], flats: [] };
    this.#busy.set(segments, {
      sealed: [...busy.sealed, ...view.sealed],
      flats: [...busy.flats, ...view.flats],
    });
    const done = this.#run(segments, parts, view).finally(() => {
      const now = this.#busy.get(segments)!;
      this.#busy.set(segments, {
        sealed: now.sealed.filter((segment) => !view.sealed.includes(segment)),
        flats: now.flats.filter((segment) => !view.flats.includes(segment)),
      });
    });
    this.#track(segments, done);
  }

  /** Counts a piece of work as running until it has settled, and goes on with what is due then. */
  #track(segments: VectorSegments, work: Promise<void>): void {
    const settled: Promise<void> = work
      .then(
        () => {
          this.#failures.delete(segments);
          if (this.#failures.size === 0) this.#retryMs = RETRY_MS;
        },
        (error: unknown) => this.#failed(segments, error),
      )
      .finally(() => {
        this.#jobs.delete(settled);
        if (this.#failures.size === 0) this.#begin({ idle: this.#idle === undefined, forced: false });
      });
    this.#jobs.add(settled);
  }

  async #run(segments: VectorSegments, { base, sealed, flats }: JobParts, view: SegmentView): Promise<void> {
    const { current, commit } = this.records;
    const { sources, runs, rows, vectors, dropped } = gather(base, sealed, flats, current);
    const options = segmentOptions(this.context, this.store.entry, segments.space, segments.size);
    const replaced = view.sealed.map(({ id }) => id).filter((id) => id !== undefined);
    if (vectors === 0) {
      await this.#discard(segments, replaced, dropped);
      segments.replace(undefined, view, this.records.current.keys);
      return;
    }
    const graph = base === undefined ? undefined : { layout: base.index.layout, keys: base.keys, runs: base.runs };
    const input = { options, base: graph, sources, runs, rows, commit, replaced, dropped };
    const built = await this.context.builder.build(input);
    if (built === undefined) return;
    const { layout, keys, measured, segment } = built;
    if (segment === undefined) await this.#discard(segments, [], dropped);
    const made = new SealedSegment(segment, HnswIndex.attach(layout), keys, runs, measured);
    segments.replace(made, view, this.records.current.keys);
  }

  /** Takes segments, and vectors of dead records, out of the file. */
  async #discard({ space }: VectorSegments, segments: readonly number[], dropped: Float64Array): Promise<void> {
    const { file, builder } = this.context;
    if (segments.length === 0 && dropped.length === 0) return;
    if (file !== undefined) return builder.discard(file, space, segments, dropped);
    // A database in memory has one connection, which commits use too.
    await this.store.committer.inTurn(async () => this.store.segments(space).publish(undefined, segments, dropped));
  }

  /** The data is where it was; the work is tried again after a pause. */
  #failed(segments: VectorSegments, error: unknown): void {
    this.#failures.set(segments, error);
    if (this.#closed) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.tidy();
      this.#begin({ idle: this.#idle === undefined, forced: false });
      if (this.#jobs.size === 0) this.#failures.clear();
    }, this.#retryMs).unref();
    this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2);
  }
}

/** The segments of a job. */
interface JobParts {
  readonly base: SealedSegment | undefined;
  readonly sealed: readonly SealedSegment[];
  readonly flats: readonly FlatSegment[];
}

function pick(job: Job, sealed: readonly SealedSegment[], flats: readonly FlatSegment[]): JobParts {
  return {
    base: job.base === undefined ? undefined : sealed[job.base],
    sealed: job.sealed.map((place) => sealed[place]),
    flats: job.flats.map((place) => flats[place]),
  };
}
