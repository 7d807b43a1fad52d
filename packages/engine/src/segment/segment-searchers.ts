import type Database from 'better-sqlite3';
import { NearfieldError, abortError, type ErrorCode } from '../errors/index.js';
import type { Bitset, SearchScope, SegmentRequest } from '../indexes/index.js';
import { lateAfter, type WorkerPool } from '../workers/index.js';
import type { RecordTable } from './record-table.js';
import type { SealedSegment } from './sealed-segment.js';
import { searchSegments, type SearchableGraph, type SegmentsHand } from './search-segments.js';
import { packRequests, unpackHands, type PackedHands, type SharedRequest } from './search-message.js';
import type { SearchTask } from './search-task.js';
import { isExact, type SegmentStep } from './segment-step.js';
import { StoredVectors } from './stored-vectors.js';
import type { SegmentView, VectorSegments } from './vector-segments.js';

/** One search of one space over what it held when the search was made. */
export interface DenseSearch {
  readonly segments: VectorSegments;
  readonly view: SegmentView;
  /** One vector or several, row-major. */
  readonly query: Float32Array;
  /** Records that are wanted, no more than there are. */
  readonly wanted: number;
  readonly allowed: Bitset;
  readonly table: RecordTable;
  /** The state of the table that the search was made for. */
  readonly version: number;
  /** How many records could have been found then. */
  readonly reachable: number;
  readonly scope: SearchScope;
  /** See SegmentRequest: -Infinity for any, and Infinity for any number. */
  readonly minScore: number;
  readonly mostScanned: number;
  /** When what was found is the answer, in milliseconds since the epoch; Infinity for never. */
  readonly deadline: number;
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal | undefined;
  /** A step for each sealed segment of the view. */
  readonly steps: readonly SegmentStep[];
  /** The connection to read full-precision vectors by. */
  readonly sql: Database.Database;
}

/** The nearest of a record's vectors, and a score that the record has at least. */
export interface NearestPart {
  readonly part: number;
  readonly score: number;
}

/** The scratch space of the main thread. */
const MAIN_WALKER = 0;
/** Heap entries that a thread has room for in a scan of a flat segment, and those of a wanted record. */
const HEAP_ENTRIES = 4096;
const ENTRIES_A_RECORD = 8;

/** Searches segments, on this thread or on others over the same memory. */
export class SegmentSearchers {
  /** Scratch spaces that no task is using. */
  readonly #free: number[] = [];
  readonly #waiting: ((walker: number) => void)[] = [];
  readonly #known = new WeakMap<SealedSegment, { graph: SearchableGraph; version: number }>();

  readonly #abandoned: Int32Array;
  /** The clock of searches on this thread. */
  now: () => number = Date.now;

  constructor(
    readonly pool: WorkerPool<SearchTask, PackedHands>,
    readonly file: string | undefined,
  ) {
    this.#abandoned = new Int32Array(new SharedArrayBuffer(4 * (pool.threads + 1)));
    for (let walker = pool.threads; walker > MAIN_WALKER; walker--) this.#free.push(walker);
  }

  get threads(): number {
    return this.pool.threads;
  }

  /** Searches on this thread, at once. */
  here(search: DenseSearch): SegmentsHand {
    const { view, query, wanted, allowed, scope, minScore, mostScanned, steps } = search;
    const graphs = view.sealed.map((segment) => this.#access(segment, search));
    const isLate = lateAfter(search.deadline, this.now);
    const { rows } = search.table;
    const request: SegmentRequest = { query, wanted, allowed, rows, scope, minScore, mostScanned, isLate };
    return searchSegments(
      graphs,
      steps,
      view.flats.map(({ index }) => index),
      request,
    );
  }

  /**
   * Searches on another thread, those of one state of a space together; the answers come in the order of the searches. Throws
   * ABORTED as soon as the signal of one has fired; the thread gives up when those of all have.
   */
  async elsewhere(searches: readonly DenseSearch[]): Promise<SegmentsHand[]> {
    const hands: SegmentsHand[] = [];
    const groups: number[][] = [];
    for (const [i, search] of searches.entries()) {
      const group = groups.find(([first]) => isOfOneState(searches[first], search));
      if (group === undefined) groups.push([i]);
      else group.push(i);
    }
    await Promise.all(
      groups.map(async (places) => {
        const group = places.map((place) => searches[place]);
        const found = await unlessAborted(this.#run(group), group);
        for (const [i, place] of places.entries()) hands[place] = found[i];
      }),
    );
    return hands;
  }

  /**
   * Which of a record's vectors is the nearest, from 0: the first of those that tie; undefined where it has only one. With
   * its score in a sealed segment, of whose vectors a walk may have met another one; what is not sealed was scanned.
   */
  nearestPart(search: DenseSearch, row: number, key: number): NearestPart | undefined {
    const { view, query, segments } = search;
    const { dimensions } = segments.space;
    for (const segment of view.sealed) {
      const nodes = segment.nodesOf(key);
      if (nodes === undefined) continue;
      const { index, scorer } = this.#access(segment, search);
      const parts = Uint32Array.from({ length: nodes.count }, (_, part) => nodes.first + part);
      let best = { part: 0, score: -Infinity };
      const scores = Array.from({ length: query.length / dimensions }, (_, i) => {
        const vector = query.subarray(i * dimensions, (i + 1) * dimensions);
        return scorer === undefined ? index.rescore(vector, parts, MAIN_WALKER) : scorer(vector, parts);
      });
      for (const part of parts.keys()) {
        const score = Math.max(...scores.map((of) => of[part]));
        if (score > best.score) best = { part, score };
      }
      return nodes.count < 2 ? undefined : best;
    }
    const flat = view.flats.find(({ run }) => run !== undefined && key >= run[0] && key <= run[1]);
    const part = flat?.index.nearestPart(query, row);
    return part === undefined ? undefined : { part, score: -Infinity };
  }

  async #run(searches: readonly DenseSearch[]): Promise<readonly SegmentsHand[]> {
    const walker = this.#free.pop() ?? (await new Promise<number>((resolve) => this.#waiting.push(resolve)));
    try {
      const abandonment = this.#watch(searches, walker);
      const answer = await this.pool
        .run(toTask(searches, walker, this.file, this.#abandoned))
        .finally(abandonment.stop);
      if (abandonment.isDue()) throw abortError(searches[0].signal!);
      if (answer.kind === 'done') return unpackHands(answer.result);
      // A thread has no room to spare, this one has.
      if (answer.code === 'MEMORY_EXHAUSTED') return searches.map((search) => this.here(search));
      const cause = new Error(answer.message);
      cause.stack = answer.stack;
      throw new NearfieldError(answer.code as ErrorCode, 'A search on another thread failed', {}, { cause });
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(walker);
      else next(walker);
    }
  }

  /** Tells the thread that has a walker when the signals of all its searches have fired. */
  #watch(
    searches: readonly DenseSearch[],
    walker: number,
  ): { readonly isDue: () => boolean; readonly stop: () => void } {
    const stop = new AbortController();
    const isDue = () => searches.every(({ signal }) => signal?.aborted === true);
    const tell = () => Atomics.store(this.#abandoned, walker, Number(isDue()));
    tell();
    for (const { signal } of searches) signal?.addEventListener('abort', tell, { signal: stop.signal });
    return { isDue, stop: () => stop.abort() };
  }

  #access(segment: SealedSegment, { segments, scope, allowed, table, version, sql }: DenseSearch): SearchableGraph {
    let known = this.#known.get(segment);
    if (known === undefined) {
      const { index, records, keys, runs, keepsVectors } = segment;
      const stored = keepsVectors
        ? undefined
        : new StoredVectors(sql, segments.space, runs, keys, () => segment.owners);
      const graph: SearchableGraph = {
        index,
        get owners() {
          return segment.owners;
        },
        records,
        walker: MAIN_WALKER,
        scorer: stored?.score,
        scanStored: stored?.scan,
      };
      this.#known.set(segment, (known = { graph, version: -1 }));
    }
    if (scope === 'living' && known.version !== version) {
      segment.index.setResidentBitmap(MAIN_WALKER, allowed.words(table.rows));
      known.version = version;
    }
    return known.graph;
  }
}

/** A walk over graphs in which nothing is dead reads no bitmap, and the exact scan that may follow can do with one of all rows. */
function needsBitmaps(searches: readonly DenseSearch[]): boolean {
  return searches.some(
    ({ scope, steps, view, minScore }) =>
      scope !== 'every' ||
      steps.some(isExact) ||
      minScore > -Infinity ||
      view.flats.some(({ index }) => index.size > 0),
  );
}

/** Whether two searches look at the same segments, and mean the same by the rows that live. */
function isOfOneState(a: DenseSearch, b: DenseSearch): boolean {
  return a.view === b.view && a.version === b.version;
}

/** Rejects as soon as the signal of one of the searches fires; `work` goes on. */
async function unlessAborted<T>(work: Promise<T>, searches: readonly DenseSearch[]): Promise<T> {
  const signals = [...new Set(searches.flatMap(({ signal }) => signal ?? []))];
  if (signals.length === 0) return work;
  const stop = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    for (const signal of signals) {
      if (signal.aborted) reject(abortError(signal));
      signal.addEventListener('abort', () => reject(abortError(signal)), { signal: stop.signal });
    }
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    stop.abort();
  }
}

function toTask(
  searches: readonly DenseSearch[],
  walker: number,
  file: string | undefined,
  abandoned: Int32Array,
): SearchTask {
  const [{ segments, view, table }] = searches;
  const { rows, alive } = table;
  const living = searches.find(({ scope }) => scope !== 'filtered')?.allowed ?? alive;
  const { dimensions } = segments.space;
  const flats = view.flats.filter(({ index }) => index.size > 0);
  const bitmaps = new Map<Bitset, number>([[living, 0]]);
  const requests = searches.map(({ query, wanted, allowed, scope, steps, ...limits }): SharedRequest => {
    const { minScore, mostScanned, deadline } = limits;
    let place = bitmaps.get(allowed);
    if (place === undefined) bitmaps.set(allowed, (place = bitmaps.size));
    return { query, wanted, allowed: place, scope, minScore, mostScanned, deadline, steps };
  });
  const wanted = Math.max(...searches.map((search) => search.wanted));
  const queries = Math.max(...searches.map(({ query }) => query.length / dimensions));
  const entries = Math.max(HEAP_ENTRIES, wanted * ENTRIES_A_RECORD) * queries;
  return {
    space: segments.space,
    file,
    walker,
    graphs: view.sealed.map((segment) => ({
      number: segment.number,
      layout: segment.index.layout,
      records: segment.records,
      stored: segment.keepsVectors ? undefined : { runs: segment.runs, keys: segment.sharedKeys },
    })),
    flats: flats.map(({ index }) =>
      index.share(walker, queries * index.memory.stride + rows / 8 + 64 + 8 * (3 + Math.min(entries, index.size))),
    ),
    bitmaps: needsBitmaps(searches) ? [...bitmaps.keys()].map((set) => set.words(rows)) : undefined,
    rows,
    abandoned: searches.some(({ signal }) => signal === undefined) ? undefined : abandoned,
    requests: packRequests(requests, view.sealed.length),
  };
}
