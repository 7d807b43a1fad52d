import type { CollectionCore } from './collection-core.js';
import { NearfieldError, throwIfAborted } from './errors/index.js';
import {
  INLINE_COST,
  complete,
  prepare,
  searchElsewhere,
  searchHere,
  shareOut,
  withMatchingRows,
  type Execution,
} from './execute/index.js';
import { fuse } from './fuse/index.js';
import { hydrate, type SearchResult } from './hydrate/index.js';
import type { Bitset } from './indexes/index.js';
import { planQuery } from './plan/index.js';
import type { LegVector, ParsedQuery } from './query/index.js';
import type { AnyRecord } from './schema/index.js';
import type { RecordTable, SegmentsHand } from './segment/index.js';

/** Times that a search is repeated on other threads when its rows change meanwhile; then it runs at once, on this one. */
const ATTEMPTS = 3;

/** A query that is ready to be planned: the legs' vectors and weights in order. */
export interface ReadyQuery {
  readonly query: ParsedQuery;
  readonly vectors: readonly LegVector[];
  readonly weights: readonly number[];
  /** When the call began, by performance.now(). */
  readonly started: number;
}

type Result = SearchResult<AnyRecord>;

/** The read path: plan, execute over the rows that pass the filter, fuse, hydrate. */
export async function search(core: CollectionCore, ready: ReadyQuery, signal?: AbortSignal): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    const result = await withMatchingRows(
      ready.query.filter,
      core.live,
      (table, rows): Result | undefined | Promise<Result | undefined> => {
        const execution = layOut(core, ready, table, rows);
        if (attempt > ATTEMPTS) return finish(core, ready, execution, searchHere(execution));
        const hands =
          execution.plan.cost <= INLINE_COST ? core.searches.run(execution) : searchElsewhere([execution]).then(first);
        if (hands instanceof Promise) return hands.then((found) => finish(core, ready, execution, found));
        return finish(core, ready, execution, hands);
      },
      signal,
    );
    throwIfAborted(signal);
    if (result !== undefined) return result;
    if (attempt > ATTEMPTS) throw new NearfieldError('WRITE_CONFLICT', 'The records changed while they were searched');
  }
}

/** Many searches, each made ready when its turn comes; where they take long together, they are shared out over all threads. */
export async function searchMany(
  core: CollectionCore,
  count: number,
  readyAt: (place: number) => Promise<ReadyQuery>,
  signal?: AbortSignal,
): Promise<Result[]> {
  const results: Result[] = [];
  const ready: ReadyQuery[] = [];
  await shareOut({
    count,
    layOut: async (place) => {
      throwIfAborted(signal);
      const query = (ready[place] = await readyAt(place));
      const layOutOne = (table: RecordTable, rows: Bitset) => layOut(core, query, table, rows);
      return withMatchingRows(query.query.filter, core.live, layOutOne, signal);
    },
    answer: async (place, execution, hands) => {
      throwIfAborted(signal);
      results[place] = finish(core, ready[place], execution, hands) ?? (await search(core, ready[place], signal));
      delete ready[place];
    },
  });
  return results;
}

function first<T>([one]: readonly T[]): T {
  return one;
}

function layOut(
  core: CollectionCore,
  { query, vectors, weights }: ReadyQuery,
  table: RecordTable,
  rows: Bitset,
): Execution {
  const { schema, store, live } = core;
  const filtered = query.filter.kind !== 'all';
  const plan = planQuery(query, { schema, table, weights, matching: filtered ? rows.count() : undefined });
  const scope = { table, allowed: rows, filtered, searchers: live.context.searchers, sql: store.sql };
  return prepare(plan, vectors, scope);
}

/** Undefined when the rows that were found are not there any more. */
function finish(
  { live, store }: CollectionCore,
  { query, started }: ReadyQuery,
  execution: Execution,
  hands: ReadonlyMap<number, SegmentsHand>,
): Result | undefined {
  const { plan, scope } = execution;
  if (live.current !== scope.table) return undefined;
  const candidates = complete(execution, hands);
  if (candidates === undefined) return undefined;
  const hits = hydrate(fuse(candidates, plan), plan, store, query, query.minScore) as Result['hits'];
  const { exact, recall, strategy } = plan;
  const { matches } = candidates;
  return { hits, info: { exact, recall, matches, strategy, tookMs: performance.now() - started } };
}
