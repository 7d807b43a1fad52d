import type { CollectionCore } from './collection-core.js';
import { timeoutError, type CallTime } from './deadline.js';
import { NearfieldError, throwIfAborted } from './errors/index.js';
import {
  complete,
  outcomeOf,
  pinned,
  plannedComparisons,
  prepare,
  searchElsewhere,
  searchHere,
  shareOut,
  withMatchingRows,
  type Execution,
  type Matches,
} from './execute/index.js';
import { fuse, type Ranking } from './fuse/index.js';
import { hydrate, type SearchResult } from './hydrate/index.js';
import type { Bitset } from './indexes/index.js';
import { inlineCost, planQuery, type QueryPlan, type SearchStage } from './plan/index.js';
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
  readonly time: CallTime;
  /** Told what the search came to. */
  readonly observe?: (observation: Observation) => void;
}

/** What a search did, and when its parts ended, by performance.now(). */
export interface Observation {
  readonly plan: QueryPlan;
  readonly hands: ReadonlyMap<number, SegmentsHand>;
  readonly marks: readonly (readonly [stage: SearchStage, at: number])[];
}

type Result = SearchResult<AnyRecord>;

/** The read path: plan, execute over the rows that pass the filter, fuse, hydrate. */
export async function search(core: CollectionCore, ready: ReadyQuery): Promise<Result> {
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
          execution.plan.cost <= execution.scope.inlineCost
            ? core.searches.run(execution)
            : searchElsewhere([pinned(execution)]).then(first);
        if (!(hands instanceof Promise)) return finish(core, ready, execution, hands, marks);
        return hands.then((found) => finishLater(core, ready, execution, found, marks));
      },
      ready.time.signal,
      core.limits.scanRows,
    );
    throwIfAborted(signalOf(ready));
    if (result !== undefined) return result;
    if (attempt > ATTEMPTS) throw new NearfieldError('WRITE_CONFLICT', 'The records changed while they were searched');
  }
}

/** Many searches, each made ready when its turn comes; where they take long together, they are shared out over all threads. */
export async function searchMany(
  core: CollectionCore,
  count: number,
  readyAt: (place: number) => Promise<ReadyQuery>,
): Promise<Result[]> {
  const results: Result[] = [];
  const ready: ReadyQuery[] = [];
  await shareOut({
    count,
    layOut: async (place) => {
      const query = (ready[place] = await readyAt(place));
      const { signal } = query.time;
      throwIfAborted(signal);
      const layOutOne = (table: RecordTable, rows: Bitset) => pinned(layOut(core, query, table, rows));
      return withMatchingRows(query.query.filter, core.live, layOutOne, signal, core.limits.scanRows);
    },
    answer: async (place, execution, hands) => {
      throwIfAborted(signalOf(ready[place]));
      results[place] = (await finishLater(core, ready[place], execution, hands)) ?? (await search(core, ready[place]));
      delete ready[place];
    },
  });
  return results;
}

function first<T>([one]: readonly T[]): T {
  return one;
}

/** Once segments are searched: what is found when the time is up may be the answer. */
function signalOf({ query, time }: ReadyQuery): AbortSignal | undefined {
  return query.partial ? time.caller : time.signal;
}

function layOut(core: CollectionCore, ready: ReadyQuery, table: RecordTable, rows: Bitset): Execution {
  const { query, vectors, weights, time } = ready;
  const { schema, store, live } = core;
  const filtered = query.filter.kind !== 'all';
  const matching = filtered ? rows.count() : table.size;
  const { searchers, calibration } = live.context;
  const { machines } = calibration;
  const plan = planQuery(query, { schema, table, weights, matching, observed: core.observed, machines });
  checkScan(plan, core.limits.scanRows);
  const scope = {
    table,
    allowed: rows,
    filtered,
    matching,
    deadline: time.deadline,
    signal: signalOf(ready),
    scanRows: core.limits.scanRows,
    searchers,
    inlineCost: inlineCost(machines),
    sql: store.sql,
  };
  return prepare(plan, vectors, scope);
}

/** As finish, in another turn of the event loop than that of layOut: a reader may be catching up with the writer. */
async function finishLater(
  core: CollectionCore,
  ...answered: [ReadyQuery, Execution, ReadonlyMap<number, SegmentsHand>, Observation['marks']?]
): Promise<Result | undefined> {
  while (core.live.refreshing !== undefined) await core.live.refreshing;
  return finish(core, ...answered);
}

/** Undefined when the rows that were found are not there any more. */
function finish(
  { live, store, samples }: CollectionCore,
  ready: ReadyQuery,
  execution: Execution,
  hands: ReadonlyMap<number, SegmentsHand>,
  marks: Observation['marks'] = [],
): Result | undefined {
  const { query, time, observe } = ready;
  const { plan, scope } = execution;
  const searched = performance.now();
  if (live.current !== scope.table) return undefined;
  checkCompletions(hands, scope.scanRows);
  const candidates = complete(execution, hands);
  if (candidates === undefined) return undefined;
  const { exact, recall, strategy, partial } = outcomeOf(plan, hands, candidates.legs);
  if (partial && !query.partial) throw timeoutError();
  const ranking = fuse(candidates, plan);
  const matches = matchesIn(ranking, plan);
  const fused = performance.now();
  const hits = hydrate(ranking, plan, store, query, query.minScore) as Result['hits'];
  const ended = performance.now();
  if (observe === undefined && !partial && isChecked(plan, exact)) samples.offer(ready);
  observe?.({ plan, hands, marks: [...marks, ['segments', searched], ['fuse', fused], ['hydrate', ended]] });
  const info = { exact, recall, matches, strategy, tookMs: ended - time.started };
  return { hits, info: partial ? { ...info, partial } : info };
}

/** Whether a search is one to compare with the exact answer: it was walked, or perhaps not because walks are doubted. */
function isChecked({ legs, minScore }: QueryPlan, exact: boolean): boolean {
  return minScore === undefined && (!exact || legs.some((leg) => leg.kind === 'dense' && leg.doubted));
}

/** How many records could be hits. Of fused scores it is not known how many more would be above the least one. */
function matchesIn({ candidates, records }: Ranking, { minScore, fusion }: QueryPlan): Matches {
  const { matches } = candidates;
  if (fusion === undefined || minScore === undefined || typeof matches !== 'number') return matches;
  const min = records.filter(({ score }) => score >= minScore).length;
  return min === matches ? matches : { min, max: matches };
}

/** Throws SCAN_TOO_LARGE for a plan that compares more vectors exactly than queries may. */
function checkScan({ legs }: QueryPlan, most: number): void {
  for (const leg of legs) {
    if (leg.kind !== 'dense') continue;
    const vectors = plannedComparisons(leg);
    if (vectors > most) throw tooManyVectors(vectors, most);
  }
}

/** Throws SCAN_TOO_LARGE where a walk came up short and the exact scan that should follow would go beyond what queries may. */
function checkCompletions(hands: ReadonlyMap<number, SegmentsHand>, most: number): void {
  for (const { actual } of hands.values()) {
    const refused = actual.reduce((sum, step) => sum + step.refused, 0);
    if (refused > 0) throw tooManyVectors(refused, most);
  }
}

function tooManyVectors(vectors: number, most: number): NearfieldError {
  return new NearfieldError('SCAN_TOO_LARGE', 'The search would compare too many vectors exactly', {
    expected: `at most ${most} vectors`,
    received: `${vectors} vectors`,
  });
}
