import type { NearfieldError } from '../errors/index.js';
import { HnswIndex } from '../indexes/index.js';
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
  #failure: unknown;
  #closed = false;

  constructor(
    readonly records: MaintainedRecords,
    readonly store: CollectionStore,
    readonly context: SegmentContext,
  ) {}

  get state(): MaintenanceState {
    return { running: this.#jobs.size, failure: this.#failure };
  }

  /** Tidies what the last writer left, and begins what is due. */
  begin(): void {
    this.#track(this.sweep());
    this.notify();
  }

  /** After a commit: begins what is due, and waits for a pause in the writes. */
  notify(): void {
    if (this.#closed) return;
    this.#idle ??= setTimeout(() => this.#becomeIdle(), IDLE_MS).unref();
    this.#idle.refresh();
    if (this.#retry === undefined) this.#begin({ idle: false, forced: false });
  }

  /** Seals and merges all that the limits allow, and waits for it. Throws what a job met. */
  async optimize(): Promise<void> {
    this.#failure = undefined;
    for (;;) {
      this.#begin({ idle: true, forced: true });
      if (this.#jobs.size === 0) return;
      await Promise.race(this.#jobs);
      if (this.#failure !== undefined) throw this.#failure as NearfieldError;
    }
  }

  /** Takes out of the file what its opener could not use, and the vectors of dead records that no segment needs. */
  async sweep(): Promise<void> {
    for (const segments of this.records.current.dense.values()) {
      const busy = this.#busy.get(segments)?.flats ?? [];
      const idle = segments.view.flats.filter((flat) => !busy.includes(flat));
      const orphans = Float64Array.from(idle.flatMap((flat) => flat.takeOrphans()));
      const unusable = [...segments.unusable, ...this.store.segments(segments.space).unfinished()];
      segments.unusable.clear();
      await this.#discard(segments, unusable, orphans);
    }
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
    this.#begin({ idle: true, forced: false });
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
    const { flats } = segments.view;
    return flats.length > 1 || segments.removed >= MIN_REMOVED + DEAD_SHARE * segments.records;
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
    this.#track(done);
  }

  /** Counts a piece of work as running until it has settled, and goes on with what is due then. */
  #track(work: Promise<void>): void {
    const settled: Promise<void> = work
      .then(
        () => {
          this.#retryMs = RETRY_MS;
          this.#failure = undefined;
        },
        (error: unknown) => this.#failed(error),
      )
      .finally(() => {
        this.#jobs.delete(settled);
        if (this.#failure === undefined) this.#begin({ idle: this.#idle === undefined, forced: false });
      });
    this.#jobs.add(settled);
  }

  async #run(segments: VectorSegments, { base, sealed, flats }: JobParts, view: SegmentView): Promise<void> {
    const { current, commit } = this.records;
    const { sources, runs, rows, vectors, dropped } = gather(base, sealed, flats, current);
    const options = segmentOptions(this.context, this.store.entry, segments);
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
    const { layout, keys, curve, segment } = built;
    if (segment === undefined) await this.#discard(segments, [], dropped);
    const made = new SealedSegment(segment, HnswIndex.attach(layout), keys, runs, curve);
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
  #failed(error: unknown): void {
    this.#failure = error;
    if (this.#closed) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#begin({ idle: this.#idle === undefined, forced: false });
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
