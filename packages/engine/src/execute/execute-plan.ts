import { NearfieldError } from '../errors/index.js';
import { Bitset, type Candidates, type Steps, type TieBreak } from '../indexes/index.js';
import type { LegVector } from '../query/index.js';
import type { LegNode, QueryPlan } from '../plan/index.js';
import type { RecordId } from '../schema/index.js';
import type { DenseSearch, RecordTable, SegmentsHand } from '../segment/index.js';
import { denseCandidates, denseSearch, type Unranked } from './dense-leg.js';
import { outcomeOf } from './outcome.js';
import { lateAfter } from '../workers/index.js';
import type { Scope } from './scope.js';

/** The candidates of every leg, in the order of the plan's legs, all over one state of one table. */
export interface CandidateList {
  readonly table: RecordTable;
  readonly legs: readonly Candidates[];
  /** Records that at least one leg could have returned; with a single leg and `minScore`, that are above it. */
  readonly matches: Matches;
  readonly tieBreak: TieBreak;
}

/** How many, or between which numbers, both included. */
export type Matches = number | { readonly min: number; readonly max: number };

/** A plan with its legs' vectors, over what it is executed on. */
export interface Execution {
  readonly plan: QueryPlan;
  readonly vectors: readonly LegVector[];
  readonly scope: Scope;
  /** What dense legs ask of segments, by the place of the leg. */
  readonly searches: ReadonlyMap<number, DenseSearch>;
  /** The version of the table that it was laid out for. */
  readonly version: number;
}

/** Candidates of a leg up to which hits are found and made in one turn of the event loop. */
const SMALL_PAGE = 1000;

const NOTHING: Candidates = {
  records: new Uint32Array(),
  scores: new Float32Array(),
  matched: () => new Bitset(),
  reachable: 0,
  scored: 0,
  cut: false,
};

/** Lays out what a plan asks of the segments, as they are now. */
export function prepare(plan: QueryPlan, vectors: readonly LegVector[], scope: Scope): Execution {
  const searches = new Map<number, DenseSearch>();
  for (const [i, leg] of plan.legs.entries()) {
    const vector = vectors[i];
    if (leg.kind !== 'dense' || vector === undefined) continue;
    if (!(vector instanceof Float32Array)) throw wrongKind(leg.vector, 'dense');
    searches.set(i, denseSearch(leg, vector, leastScore(plan), scope));
  }
  return { plan, vectors, scope, searches, version: scope.table.version };
}

/**
 * The same, to be answered in another turn of the event loop than that in which it was laid out: without a filter, too, over the
 * rows as they are, and not over a part of what is written until then.
 */
export function pinned(execution: Execution): Execution {
  const { scope, searches } = execution;
  if (scope.filtered) return execution;
  const allowed = scope.table.living;
  return { ...execution, searches: new Map(Array.from(searches, ([leg, search]) => [leg, { ...search, allowed }])) };
}

/** Whether so much may be found that neither the search nor what follows is done within a few milliseconds. */
export function isLarge({ plan, scope }: Execution): boolean {
  return plan.legs.some(({ limit }) => Math.min(limit, scope.matching) > SMALL_PAGE);
}

/** Answers what the plan asks of the segments on this thread. */
export function searchHere({ searches, scope }: Execution): ReadonlyMap<number, SegmentsHand> {
  return new Map(Array.from(searches, ([leg, search]) => [leg, scope.searchers.here(search)]));
}

/** Answers what many plans ask of the segments on other threads. */
export async function searchElsewhere(executions: readonly Execution[]): Promise<ReadonlyMap<number, SegmentsHand>[]> {
  const places = executions.flatMap(({ searches }, i) => Array.from(searches, ([leg, search]) => ({ i, leg, search })));
  const results = executions.map(() => new Map<number, SegmentsHand>());
  if (places.length === 0) return results;
  const hands = await executions[0].scope.searchers.elsewhere(places.map(({ search }) => search));
  for (const [at, { i, leg }] of places.entries()) results[i].set(leg, hands[at]);
  return results;
}

/**
 * The candidates of all legs, from what the segments gave. All that the state of the table says is taken in the first step:
 * they are those of that moment. Undefined when it has changed so much since `prepare` that rows that were found are not there
 * any more. To be given up when another table takes the place of this one.
 */
export function* complete(
  execution: Execution,
  hands: ReadonlyMap<number, SegmentsHand>,
): Steps<CandidateList | undefined> {
  const { plan, searches, version } = execution;
  const { table } = execution.scope;
  const { ids, alive } = table;
  // What was found in another turn of the event loop may have died since.
  const changed = table.version !== version;
  const allowed =
    changed && execution.scope.filtered ? execution.scope.allowed.clone().intersect(alive) : execution.scope.allowed;
  const matching = allowed === execution.scope.allowed ? execution.scope.matching : allowed.count();
  const scope = { ...execution.scope, allowed, matching };
  const tieBreak: TieBreak = (a, b) => compareIds(ids[a], ids[b]);
  const found: (Candidates | Unranked)[] = [];
  for (const [i, leg] of plan.legs.entries()) {
    const [search, hand] = [searches.get(i), hands.get(i)];
    if (leg.kind !== 'dense') found.push(postings(leg, execution, i, scope, tieBreak));
    else if (search === undefined || hand === undefined) found.push(NOTHING);
    else {
      if (changed && !hand.records.every((row) => alive.has(row))) return undefined;
      found.push(denseCandidates(leg, search, hand, scope, tieBreak));
    }
  }
  const matched = found.length > 1 ? unionOf(found).count() : undefined;
  const legs: Candidates[] = [];
  for (const one of found) {
    const candidates = 'ranking' in one ? yield* one.ranking : one;
    if (candidates === undefined) return undefined;
    legs.push(candidates);
  }
  return { table, legs, matches: matched ?? matchesOf(plan, legs, hands, matching), tieBreak };
}

function unionOf(found: readonly Pick<Candidates, 'matched'>[]): Bitset {
  const all = new Bitset();
  for (const one of found) all.unite(one.matched());
  return all;
}

function postings(
  leg: Extract<LegNode, { kind: 'postings-scan' }>,
  { plan, vectors }: Execution,
  place: number,
  { table, allowed, deadline, searchers }: Scope,
  tieBreak: TieBreak,
): Candidates {
  const vector = vectors[place];
  if (vector === undefined) return NOTHING;
  if (vector instanceof Float32Array) throw wrongKind(leg.vector, 'sparse');
  const isLate = lateAfter(deadline, searchers.now);
  const bounds = { minScore: leastScore(plan), isLate };
  return table.sparse.get(leg.vector)!.search(vector, leg.limit, allowed, table.rows, tieBreak, bounds);
}

/** What a leg's own score must come to: of several, only the fused score counts. */
function leastScore({ minScore = -Infinity, legs }: QueryPlan): number {
  return legs.length === 1 ? minScore : -Infinity;
}

/** Of a plan with a single leg. */
function matchesOf(
  plan: QueryPlan,
  legs: readonly Candidates[],
  hands: ReadonlyMap<number, SegmentsHand>,
  matching: number,
): Matches {
  const [{ records, reachable, cut }] = legs;
  const [leg] = plan.legs;
  if (leg.kind !== 'dense') return cut ? { min: reachable, max: matching } : reachable;
  if (leastScore(plan) === -Infinity) return reachable;
  const isAll = records.length < leg.limit && outcomeOf(plan, hands).exact;
  return isAll || records.length === reachable ? records.length : { min: records.length, max: reachable };
}

/** The order of ids: numbers before strings, numbers by value, strings by UTF-16 code units. */
export function compareIds(a: RecordId, b: RecordId): number {
  if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
  return typeof a === 'number' ? -1 : 1;
}

function wrongKind(vector: string, kind: string): NearfieldError {
  return new NearfieldError('ENCODER_FAILED', `The encoder of \`${vector}\` did not return a ${kind} vector`);
}
