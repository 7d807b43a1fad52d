import type { CollectionCore } from './collection-core.js';
import { isUp, timeoutError, unlessUp, type CallTime } from './deadline.js';
import { NearfieldError, throwIfAborted } from './errors/index.js';
import {
  complete,
  isLarge,
  outcomeOf,
  outcomeUnsearched,
  pinned,
  plannedComparisons,
  prepare,
  searchElsewhere,
  searchHere,
  shareOut,
  withMatchingRows,
  type Execution,
  type Matches,
  type Outcome,
  type Scope,
} from './execute/index.js';
import { fuse, type Ranking } from './fuse/index.js';
import { hydrate, type HydratedPage, type SearchResult } from './hydrate/index.js';
import type { Bitset, Steps } from './indexes/index.js';
import { estimateRows, inlineCost, planQuery, type QueryPlan, type SearchStage } from './plan/index.js';
import type { LegVector, ParsedQuery } from './query/index.js';
import type { AnyRecord, RecordId } from './schema/index.js';
import type { RecordTable, SegmentsHand } from './segment/index.js';
import { atOnce, inSteps, lateAfter } from './workers/index.js';

/** Times that a search is tried, in several turns of the event loop, when its rows change meanwhile; then it runs in one. */
const ATTEMPTS = 3;

/** A query that is ready to be planned: the legs' vectors and weights in order. */
export interface ReadyQuery {
  readonly query: ParsedQuery;
  readonly vectors: readonly LegVector[];
  readonly weights: readonly number[];
  readonly time: CallTime;
  /** Whether the time was up before there were vectors. */
  readonly unencoded?: boolean;
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

/** How far a search has come that may have to be tried again. */
interface Attempts {
  /** That of the attempt which runs, from 1. */
  number: number;
  /** Records of a large page that were read, by key, in all attempts; undefined before the first. */
  known: Map<number, AnyRecord> | undefined;
  /** When the parts of this attempt ended. */
  marks: Observation['marks'];
}

/** The read path: plan, execute over the rows that pass the filter, fuse, hydrate. */
export async function search(
  core: CollectionCore,
  ready: ReadyQuery,
  attempts: Attempts = { number: 1, known: undefined, marks: [] },
): Promise<Result> {
  for (; ; attempts.number++) {
    const isLast = attempts.number > ATTEMPTS;
    const result = await withMatchingRows(
      ready.query.filter,
      core.live,
      (table, rows): Result | undefined | Promise<Result | undefined> => {
        const filtered = performance.now();
        const execution = layOut(core, ready, table, rows);
        attempts.marks = [
          ['filter', filtered],
          ['plan', performance.now()],
        ];
        if (isLast) return finish(core, ready, execution, searchHere(execution), attempts);
        const hands =
          execution.plan.cost <= execution.scope.inlineCost && !isLarge(execution)
            ? core.searches.run(execution)
            : searchElsewhere([pinned(execution)]).then(([only]) => only);
        if (!(hands instanceof Promise)) return finish(core, ready, execution, hands, attempts);
        return hands.then((found) => finishLater(core, ready, execution, found, attempts));
      },
      // What a filter matched before is known: it is not long in an attempt that follows.
      attempts.number === 1 ? ready.time.signal : signalOf(ready),
      core.limits.scanRows,
    );
    throwIfAborted(signalOf(ready));
    if (result !== undefined) return result;
    if (isLast) throw new NearfieldError('WRITE_CONFLICT', 'The records changed while they were searched');
  }
}

/**
 * Many searches, each made ready when its turn comes; where they take long together, they are shared out over all threads. Once
 * the first is laid out, those with `partial` whose turn comes when the time is up are answered without a search.
 */
export async function searchMany(
  core: CollectionCore,
  count: number,
  readyAt: (place: number) => Promise<ReadyQuery>,
): Promise<Result[]> {
  const results: Result[] = [];
  const ready: ReadyQuery[] = [];
  const late = new Set<number>();
  await shareOut({
    count,
    layOut: async (place) => {
      const one = (ready[place] = await readyAt(place));
      throwIfAborted(signalOf(one));
      if (place === 0 || !one.query.partial) return layOutPinned(core, one);
      const execution = isLate(core, one) ? undefined : await unlessUp(one.time, layOutPinned(core, one));
      if (execution !== undefined) return execution;
      late.add(place);
      return layOutUnsearched(core, one);
    },
    answer: async (place, execution, hands) => {
      const one = ready[place];
      delete ready[place];
      throwIfAborted(signalOf(one));
      if (late.has(place)) {
        results[place] = unsearched(one, execution);
        return;
      }
      const attempts: Attempts = { number: 1, known: undefined, marks: [] };
      const result = await finishLater(core, one, execution, hands, attempts);
      attempts.number++;
      results[place] = result ?? (await search(core, one, attempts));
    },
  });
  return results;
}

function isLate({ live }: CollectionCore, { time, unencoded }: ReadyQuery): boolean {
  return unencoded === true || isUp(time) || lateAfter(time.deadline, live.context.searchers.now)?.() === true;
}

function layOutPinned(core: CollectionCore, ready: ReadyQuery): Promise<Execution> {
  const layOutOne = (table: RecordTable, rows: Bitset) => pinned(layOut(core, ready, table, rows));
  return withMatchingRows(ready.query.filter, core.live, layOutOne, ready.time.signal, core.limits.scanRows);
}

/** A query that is not searched any more, over as many records as may pass its filter, which is not run either. */
function layOutUnsearched(core: CollectionCore, ready: ReadyQuery): Execution {
  const table = core.live.current;
  const { max } = estimateRows(ready.query.filter, table);
  return prepare(planFor(core, ready, table, max), [], scopeOf(core, ready, table, table.alive, max));
}

/** The partial answer when the time was up before anything was done. */
function unsearched({ time }: ReadyQuery, { plan, scope }: Execution): Result {
  const matches = scope.matching === 0 ? 0 : { min: 0, max: scope.matching };
  return { hits: [], info: { ...outcomeUnsearched(plan), matches, tookMs: performance.now() - time.started } };
}

/** Once segments are searched: what is found when the time is up may be the answer. */
function signalOf({ query, time }: ReadyQuery): AbortSignal | undefined {
  return query.partial ? time.caller : time.signal;
}

function layOut(core: CollectionCore, ready: ReadyQuery, table: RecordTable, rows: Bitset): Execution {
  const matching = ready.query.filter.kind === 'all' ? table.size : rows.count();
  const plan = planFor(core, ready, table, matching);
  checkScan(plan, core.limits.scanRows);
  return prepare(plan, ready.vectors, scopeOf(core, ready, table, rows, matching));
}

function planFor(core: CollectionCore, ready: ReadyQuery, table: RecordTable, matching: number): QueryPlan {
  const { schema, observed, live } = core;
  const { machines } = live.context.calibration;
  return planQuery(ready.query, { schema, table, weights: ready.weights, matching, observed, machines });
}

function scopeOf(
  { limits, live, store }: CollectionCore,
  ready: ReadyQuery,
  table: RecordTable,
  allowed: Bitset,
  matching: number,
): Scope {
  const { searchers, calibration } = live.context;
  return {
    table,
    allowed,
    filtered: ready.query.filter.kind !== 'all',
    matching,
    deadline: ready.time.deadline,
    signal: signalOf(ready),
    scanRows: limits.scanRows,
    searchers,
    inlineCost: inlineCost(calibration.machines),
    sql: store.sql,
  };
}

/** As finish, in another turn of the event loop than that of layOut: a reader may be catching up with the writer. */
async function finishLater(
  core: CollectionCore,
  ...answered: [ReadyQuery, Execution, ReadonlyMap<number, SegmentsHand>, Attempts]
): Promise<Result | undefined> {
  while (core.live.refreshing !== undefined) await core.live.refreshing;
  return finish(core, ...answered);
}

/** Answers at once, or of a large page in several turns of the event loop. Undefined when rows that were found are gone. */
function finish(
  core: CollectionCore,
  ready: ReadyQuery,
  execution: Execution,
  hands: ReadonlyMap<number, SegmentsHand>,
  attempts: Attempts,
): Result | undefined | Promise<Result | undefined> {
  const inTurns = isLarge(execution);
  if (inTurns) attempts.known ??= new Map();
  const work = answer(core, ready, execution, hands, attempts);
  return inTurns && attempts.number <= ATTEMPTS ? inSteps(work, signalOf(ready)) : atOnce(work);
}

/** The answer for the state of the rows in the first step; undefined when rows that were found are gone. */
function* answer(
  { live, store, samples }: CollectionCore,
  ready: ReadyQuery,
  execution: Execution,
  hands: ReadonlyMap<number, SegmentsHand>,
  { marks, known }: Attempts,
): Steps<Result | undefined> {
  const { query, time, observe } = ready;
  const { plan, scope } = execution;
  const searched = performance.now();
  const { version } = scope.table;
  const isCurrent = () => live.current === scope.table;
  if (!isCurrent()) return undefined;
  checkCompletions(hands, scope.scanRows);
  const candidates = yield* asLongAs(isCurrent, complete(execution, hands));
  if (candidates === undefined) return undefined;
  const outcome = outcomeOf(plan, hands, candidates.legs);
  if (outcome.partial && !query.partial) throw timeoutError();
  const ranking = yield* fuse(candidates, plan);
  const matches = matchesIn(ranking, plan);
  const fused = performance.now();
  const onGone = (id: RecordId) => {
    if (isCurrent() && scope.table.version === version) throw store.versionGone(id);
    // There is no time for another attempt: what is left is the answer.
    return query.partial && isUp(time);
  };
  const page = yield* hydrate(ranking, plan, store, { projection: query, minScore: query.minScore, known, onGone });
  if (page === undefined) return undefined;
  const ended = performance.now();
  const { partial, exact, recall, strategy } = page.gone === 0 ? outcome : withoutGone(outcome, page);
  if (observe === undefined && !partial && isChecked(plan, exact)) samples.offer(ready);
  observe?.({ plan, hands, marks: [...marks, ['segments', searched], ['fuse', fused], ['hydrate', ended]] });
  const info = { exact, recall, matches, strategy, tookMs: ended - time.started };
  return { hits: page.hits as Result['hits'], info: partial ? { ...info, partial } : info };
}

/** Does the work as long as a condition holds between its steps. */
function* asLongAs<T>(holds: () => boolean, work: Steps<T | undefined>): Steps<T | undefined> {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
    yield;
    if (!holds()) return undefined;
  }
}

/** What a search came to whose page lacks records. */
function withoutGone(outcome: Outcome, { hits, gone }: HydratedPage): Outcome {
  const share = hits.length / (hits.length + gone);
  return { ...outcome, partial: true, exact: false, recall: outcome.recall * share };
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
