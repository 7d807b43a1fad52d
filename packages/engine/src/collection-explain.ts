import type { CollectionCore } from './collection-core.js';
import { sampleShare } from './execute/index.js';
import { between, type Cardinality } from './filter/index.js';
import { estimateRows, planQuery, type QueryPlan } from './plan/index.js';
import type { ParsedQuery } from './query/index.js';

/**
 * The plan of a query, from estimates: its filter is not run. Where the bounds of how many records pass leave open which way
 * is taken, some records are tested.
 */
export async function explain(
  { schema, live, observed }: CollectionCore,
  query: ParsedQuery,
  weights: readonly number[],
  signal: AbortSignal | undefined,
): Promise<QueryPlan> {
  const { machines } = live.context.calibration;
  const planned = (estimate: Cardinality, matching: number) =>
    planQuery(query, { schema, table: live.current, weights, matching, estimate, observed, machines });
  const estimated = () => estimateRows(query.filter, live.current);
  let estimate = estimated();
  const { min, max } = estimate;
  // That perhaps nothing matches is no plan of its own: a sample could not tell.
  const isOpen = min < max && waysOf(planned(estimate, Math.max(1, min))) !== waysOf(planned(estimate, max));
  if (isOpen) {
    const share = await sampleShare(query.filter, live, signal);
    // Records may have come and gone meanwhile.
    estimate = estimated();
    estimate = between(estimate.min, share * live.current.size, estimate.max);
  }
  // Only where that is certain does nothing match.
  return planned(estimate, Math.max(Math.min(1, estimate.max), Math.ceil(estimate.expected)));
}

/** What is done to each segment, without how. */
function waysOf({ strategy, legs }: QueryPlan): string {
  return JSON.stringify([strategy, legs.map((leg) => (leg.kind === 'dense' ? leg.steps.map(({ kind }) => kind) : []))]);
}
