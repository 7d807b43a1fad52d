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

/** Searches of a batch that are laid out together: each with a filter holds a bitmap. */
const BATCH_SLICE = 1024;
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

/** Many searches; where they take long together, they are shared out over all threads. */
export async function searchMany(
  core: CollectionCore,
  ready: readonly ReadyQuery[],
  signal?: AbortSignal,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < ready.length; from += BATCH_SLICE) {
    const slice = ready.slice(from, from + BATCH_SLICE);
    const executions: Execution[] = [];
    for (const one of slice) {
      const layOutOne = (table: RecordTable, rows: Bitset) => layOut(core, one, table, rows);
      executions.push(await withMatchingRows(one.query.filter, core.live, layOutOne, signal));
      await core.operations.letOthersRun();
    }
    await shareOut(executions, async (place, hands) => {
      throwIfAborted(signal);
      const result = finish(core, slice[place], executions[place], hands);
      results[from + place] = result ?? (await search(core, slice[place], signal));
    });
  }
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
