import type { CollectionCore } from './collection-core.js';
import { timeoutError } from './deadline.js';
import { NearfieldError, throwIfAborted } from './errors/index.js';
import {
  INLINE_COST,
  complete,
  outcomeOf,
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
import { planQuery, type QueryPlan, type SearchStage } from './plan/index.js';
import type { LegVector, ParsedQuery } from './query/index.js';
import type { AnyRecord } from './schema/index.js';
import { isExact, type RecordTable, type SegmentsHand } from './segment/index.js';

/** Times that a search is repeated on other threads when its rows change meanwhile; then it runs at once, on this one. */
const ATTEMPTS = 3;

/** A query that is ready to be planned: the legs' vectors and weights in order. */
export interface ReadyQuery {
  readonly query: ParsedQuery;
  readonly vectors: readonly LegVector[];
  readonly weights: readonly number[];
  /** When the call began, by performance.now(). */
  readonly started: number;
  /** When its time is up, in milliseconds since the epoch; Infinity for never. */
  readonly deadline: number;
  /** Told what the search came to. */
  readonly observe?: (observation: Observation) => void;
}

/** When queries began, and when their time is up. */
export type QueryTime = Pick<ReadyQuery, 'started' | 'deadline'>;

/** What a search did, and when its parts ended, by performance.now(). */
export interface Observation {
  readonly plan: QueryPlan;
  readonly hands: ReadonlyMap<number, SegmentsHand>;
  readonly marks: readonly (readonly [stage: SearchStage, at: number])[];
}

type Result = SearchResult<AnyRecord>;

/** The read path: plan, execute over the rows that pass the filter, fuse, hydrate. */
export async function search(core: CollectionCore, ready: ReadyQuery, signal?: AbortSignal): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    const result = await withMatchingRows(
      ready.query.filter,
      core.live,
      (table, rows): Result | undefined | Promise<Result | undefined> => {
        const filtered = performance.now();
        const execution = layOut(core, ready, table, rows);
        const marks: Observation['marks'] = [
          ['filter', filtered],
          ['plan', performance.now()],
        ];
        if (attempt > ATTEMPTS) return finish(core, ready, execution, searchHere(execution), marks);
        const hands =
          execution.plan.cost <= INLINE_COST ? core.searches.run(execution) : searchElsewhere([execution]).then(first);
        if (hands instanceof Promise) return hands.then((found) => finish(core, ready, execution, found, marks));
        return finish(core, ready, execution, hands, marks);
      },
      signal,
    );
    if (result?.info.partial === true) return result;
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
  { query, vectors, weights, deadline }: ReadyQuery,
  table: RecordTable,
  rows: Bitset,
): Execution {
  const { schema, store, live } = core;
  const filtered = query.filter.kind !== 'all';
  const matching = filtered ? rows.count() : table.size;
  const plan = planQuery(query, { schema, table, weights, matching });
  checkScan(plan, core.limits.scanRows);
  const scope = {
    table,
    allowed: rows,
    filtered,
    matching,
    deadline,
    searchers: live.context.searchers,
    sql: store.sql,
  };
  return prepare(plan, vectors, scope);
}

/** Undefined when the rows that were found are not there any more. */
function finish(
  { live, store }: CollectionCore,
  { query, started, observe }: ReadyQuery,
  execution: Execution,
  hands: ReadonlyMap<number, SegmentsHand>,
  marks: Observation['marks'] = [],
): Result | undefined {
  const { plan, scope } = execution;
  const searched = performance.now();
  if (live.current !== scope.table) return undefined;
  const candidates = complete(execution, hands);
  if (candidates === undefined) return undefined;
  const ranking = fuse(candidates, plan);
  const fused = performance.now();
  const hits = hydrate(ranking, plan, store, query, query.minScore) as Result['hits'];
  const ended = performance.now();
  observe?.({ plan, hands, marks: [...marks, ['segments', searched], ['fuse', fused], ['hydrate', ended]] });
  const { exact, recall, strategy, partial } = outcomeOf(plan, hands);
  if (partial && !query.partial) throw timeoutError();
  const { matches } = candidates;
  const info = { exact, recall, matches, strategy, tookMs: ended - started };
  return { hits, info: partial ? { ...info, partial } : info };
}

/** Throws SCAN_TOO_LARGE for a plan that compares more vectors exactly than queries may. */
function checkScan({ legs }: QueryPlan, most: number): void {
  for (const leg of legs) {
    if (leg.kind !== 'dense') continue;
    const scanned = leg.segments.filter(({ step }) => isExact(step)).reduce((sum, { matching }) => sum + matching, 0);
    const vectors = scanned + leg.unsealed.vectors;
    if (vectors <= most) continue;
    throw new NearfieldError('SCAN_TOO_LARGE', 'The search would compare too many vectors exactly', {
      expected: `at most ${most} vectors`,
      received: `${vectors} vectors`,
    });
  }
}
