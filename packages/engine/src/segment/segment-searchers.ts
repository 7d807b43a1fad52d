import type Database from 'better-sqlite3';
import { NearfieldError, type ErrorCode } from '../errors/index.js';
import type { Bitset, SearchScope, SegmentRequest } from '../indexes/index.js';
import type { WorkerPool } from '../workers/index.js';
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
  readonly scope: SearchScope;
  /** See SegmentRequest. */
  readonly deadline: number;
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

  constructor(
    readonly pool: WorkerPool<SearchTask, PackedHands>,
    readonly file: string | undefined,
  ) {
    for (let walker = pool.threads; walker > MAIN_WALKER; walker--) this.#free.push(walker);
  }

  get threads(): number {
    return this.pool.threads;
  }

  /** Searches on this thread, at once. */
  here(search: DenseSearch): SegmentsHand {
    const { view, query, wanted, allowed, scope, deadline, steps } = search;
    const graphs = view.sealed.map((segment) => this.#access(segment, search));
    const request: SegmentRequest = { query, wanted, allowed, rows: search.table.rows, scope, deadline };
    return searchSegments(
      graphs,
      steps,
      view.flats.map(({ index }) => index),
      request,
    );
  }

  /** Searches on another thread, those of one view of a space together; the answers come in the order of the searches. */
  async elsewhere(searches: readonly DenseSearch[]): Promise<SegmentsHand[]> {
    const hands: SegmentsHand[] = [];
    const groups = new Map<SegmentView, number[]>();
    for (const [i, { view }] of searches.entries()) {
      const group = groups.get(view);
      if (group === undefined) groups.set(view, [i]);
      else group.push(i);
    }
    await Promise.all(
      Array.from(groups.values(), async (places) => {
        const found = await this.#run(places.map((place) => searches[place]));
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
      const answer = await this.pool.run(toTask(searches, walker, this.file));
      if (answer.kind === 'done') {
        // A task without bitmaps cannot be completed over there when its walk comes up short.
        return unpackHands(answer.result).map((hand, i) =>
          hand.records.length < searches[i].wanted && !isLate(hand) ? this.here(searches[i]) : hand,
        );
      }
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

  #access(segment: SealedSegment, { segments, scope, table, sql }: DenseSearch): SearchableGraph {
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
    if (scope === 'living' && known.version !== table.version) {
      segment.index.setResidentBitmap(MAIN_WALKER, table.alive.words(table.rows));
      known.version = table.version;
    }
    return known.graph;
  }
}

function isLate({ actual }: SegmentsHand): boolean {
  return actual.some(({ skipped }) => skipped);
}

function toTask(searches: readonly DenseSearch[], walker: number, file: string | undefined): SearchTask {
  const [{ segments, view, table }] = searches;
  const { rows, alive } = table;
  const { dimensions } = segments.space;
  const flats = view.flats.filter(({ index }) => index.size > 0);
  // A walk over graphs in which nothing is dead reads no bitmap.
  const needed = flats.length > 0 || searches.some(({ scope, steps }) => scope !== 'every' || steps.some(isExact));
  const bitmaps = new Map<Bitset, number>([[alive, 0]]);
  const requests = searches.map(({ query, wanted, allowed, scope, deadline, steps }): SharedRequest => {
    let place = bitmaps.get(allowed);
    if (place === undefined) bitmaps.set(allowed, (place = bitmaps.size));
    return { query, wanted, allowed: place, scope, deadline, steps };
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
      index.share(walker, queries * index.memory.stride + rows / 8 + 64 + 8 * (2 + Math.min(entries, index.size))),
    ),
    bitmaps: needed ? [...bitmaps.keys()].map((set) => set.words(rows)) : [new Uint32Array()],
    rows,
    requests: packRequests(requests, view.sealed.length),
  };
}
