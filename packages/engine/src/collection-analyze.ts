import type { CollectionCore } from './collection-core.js';
import { search, type Observation, type ReadyQuery } from './collection-search.js';
import type { SearchResult } from './hydrate/index.js';
import { estimateRows, type SearchAnalysis, type SearchStage } from './plan/index.js';
import type { AnyRecord } from './schema/index.js';

/** Runs a search and then the exact one, and tells what each part of the first came to. */
export async function analyze(core: CollectionCore, ready: ReadyQuery): Promise<SearchAnalysis> {
  const { query, time } = ready;
  const encoded = performance.now();
  let seen: Observation | undefined;
  const observed = { ...ready, observe: (observation: Observation) => (seen = observation) };
  const { hits, info } = await search(core, observed);
  const exact = { ...query, exact: true, strategy: undefined, partial: false };
  const truth = await search(core, { ...ready, query: exact });
  const { plan: executed, hands, marks } = seen!;
  const { filter } = executed;
  const estimate = filter === undefined ? undefined : estimateRows(filter.filter, core.live.current);
  const plan = { ...executed, filter: filter && estimate && { ...filter, estimate } };
  const stages: { stage: SearchStage; ms: number }[] = [{ stage: 'encode', ms: encoded - time.started }];
  let last = encoded;
  for (const [stage, at] of marks) {
    stages.push({ stage, ms: at - last });
    last = at;
  }
  const legs = plan.legs.map(({ vector }, i) => ({ vector, segments: hands.get(i)?.actual ?? [] }));
  const recall = recallOf(hits, truth.hits);
  return { kind: 'search-analysis', plan, info, hits: hits.length, recall, stages, legs };
}

type Hits = SearchResult<AnyRecord>['hits'];

/** The share of the exact hits that is among some; a hit that ties with the last one counts. */
export function recallOf(hits: Hits, truth: Hits): number {
  const last = truth.at(-1);
  if (last === undefined) return 1;
  const ids = new Set(truth.map(({ id }) => id));
  const right = hits.filter(({ id, score }) => ids.has(id) || score >= last.score);
  return Math.min(1, right.length / truth.length);
}
