import { exactly, filterFields, type Cardinality } from '../filter/index.js';
import type { Machines } from '../indexes/index.js';
import type { ParsedQuery } from '../query/index.js';
import type { CollectionSchema } from '../schema/index.js';
import { RANGE_WALKED, type RecordTable } from '../segment/index.js';
import type { ObservedRecall } from './observed-recall.js';
import { planDense, type SoughtHits } from './plan-dense.js';
import type { DenseNode, FilterNode, LegNode, QueryPlan, Strategy } from './query-plan.js';

/**
 * Candidates that a leg brings to a fusion. It does not move with the offset, so that pages are stable up to here; deeper
 * pages need more candidates, over which min-max scores differ.
 */
const FUSION_DEPTH = 200;

/** What the plan is made for. */
export interface PlanContext {
  readonly schema: CollectionSchema;
  readonly table: RecordTable;
  /** The legs' weights, in order. */
  readonly weights: readonly number[];
  /** Live records that pass the filter, or are expected to; all, where there is none. */
  readonly matching: number;
  /** Within which bounds they are, where the filter was not run. */
  readonly estimate?: Cardinality;
  /** What exact checks found of the recall of spaces. */
  readonly observed: ReadonlyMap<string, ObservedRecall>;
  /** What is known of the times of machines. */
  readonly machines: Machines;
}

/** Chooses how to answer a query. Sees no vector and reads no record. */
export function planQuery(query: ParsedQuery, context: PlanContext): QueryPlan {
  const { limit, offset } = query;
  const { table } = context;
  const fusion = query.legs.length > 1 ? query.fusion : undefined;
  const wanted = limit + offset;
  const depth = fusion === undefined ? wanted : Math.max(wanted, fusion.depth ?? FUSION_DEPTH);
  // Of a fusion it is not known which of a leg's candidates the page is made of.
  const page = fusion === undefined ? Math.max(1, limit) : depth;
  const legs = query.legs.map((leg, i) =>
    planLeg(query, leg.vector, context.weights[i], { limit: depth, page }, context),
  );
  const dense = legs.filter((leg) => leg.kind === 'dense');
  return {
    kind: 'query-plan',
    strategy: strategyOf(query, dense, context.matching),
    exact: dense.every(({ exact }) => exact),
    recall: dense.reduce((least, { recall }) => Math.min(least, recall), 1),
    rows: table.size,
    cost: dense.reduce((sum, { cost }) => sum + cost, 0),
    filter: planFilter(query, context),
    legs,
    fusion,
    limit,
    offset,
    minScore: query.minScore,
  };
}

function strategyOf({ filter }: ParsedQuery, legs: readonly DenseNode[], matching: number): Strategy {
  if (matching === 0 && filter.kind !== 'all') return 'no-match';
  const kinds = new Set(legs.flatMap(({ steps }) => steps.map(({ kind }) => kind)));
  if (kinds.has('walk-inside')) return 'inside-walk';
  if (kinds.has('walk')) return filter.kind === 'all' ? 'graph-walk' : 'filtered-walk';
  return kinds.has('scan-matching') ? 'matching-scan' : 'exact-scan';
}

function planLeg(
  query: ParsedQuery,
  vector: string,
  weight: number,
  { limit, page }: SoughtHits,
  { schema, table, matching, observed, machines }: PlanContext,
): LegNode {
  const segments = table.dense.get(vector);
  if (segments === undefined) {
    const { documents } = table.sparse.get(vector)!;
    return { kind: 'postings-scan', vector, weight, limit, documents };
  }
  const share = table.size === 0 ? 1 : matching / table.size;
  const filtered = query.filter.kind !== 'all';
  const { quantization } = schema.vectors[vector];
  // How many are above a score is not known: a walk tells whether they are more than this.
  const isRange = query.minScore !== undefined && query.legs.length === 1;
  const walked = isRange ? Math.min(limit, RANGE_WALKED) : limit;
  const sought = { limit: walked, page: Math.min(walked, page) };
  const plan = planDense(query, segments, quantization, sought, {
    share,
    filtered,
    rows: table.rows,
    observed: observed.get(vector),
    machines,
  });
  return { kind: 'dense', vector, weight, limit, vectors: segments.size, ...plan };
}

function planFilter({ filter }: ParsedQuery, { table, matching, estimate }: PlanContext): FilterNode | undefined {
  if (filter.kind === 'all') return undefined;
  const fields = filterFields(filter);
  const inMemory = (field: string) => field === 'id' || table.columns.has(field);
  return {
    kind: 'filter-rows',
    filter,
    columns: fields.filter(inMemory),
    payloads: fields.filter((field) => !inMemory(field)),
    estimate: estimate ?? exactly(matching),
    matches: estimate === undefined ? matching : undefined,
  };
}
