import { filterFields } from '../filter/index.js';
import type { ParsedQuery } from '../query/index.js';
import type { MutableSegment } from '../segment/index.js';
import type { FilterNode, LegNode, QueryPlan } from './query-plan.js';

/**
 * Candidates that a leg brings to a fusion. It does not move with the offset, so that pages are stable up to here; deeper
 * pages need more candidates, over which min-max scores differ.
 */
const FUSION_DEPTH = 200;

/**
 * Chooses how to answer a query over a segment. There is one strategy so far: the filter makes a bitmap, and every leg is
 * scanned exactly under it. `weights` are the legs' weights, in order. Sees no vector and reads no record.
 */
export function planQuery(query: ParsedQuery, weights: readonly number[], segment: MutableSegment): QueryPlan {
  const { limit, offset } = query;
  const fusion = query.legs.length > 1 ? query.fusion : undefined;
  const wanted = limit + offset;
  const depth = fusion === undefined ? wanted : Math.max(wanted, fusion.depth ?? FUSION_DEPTH);
  const legs = query.legs.map((leg, i) => planLeg(leg.vector, weights[i], depth, segment));
  return Object.freeze({
    kind: 'query-plan',
    strategy: 'exact-scan',
    exact: true,
    recall: 1,
    rows: segment.size,
    filter: planFilter(query, segment),
    legs: Object.freeze(legs),
    fusion,
    limit,
    offset,
  });
}

function planLeg(vector: string, weight: number, limit: number, segment: MutableSegment): LegNode {
  const dense = segment.dense.get(vector);
  if (dense !== undefined) return Object.freeze({ kind: 'dense-scan', vector, weight, limit, vectors: dense.size });
  const { documents } = segment.sparse.get(vector)!;
  return Object.freeze({ kind: 'postings-scan', vector, weight, limit, documents });
}

function planFilter({ filter }: ParsedQuery, segment: MutableSegment): FilterNode | undefined {
  if (filter.kind === 'all') return undefined;
  const fields = filterFields(filter);
  const inMemory = (field: string) => field === 'id' || segment.columns.has(field);
  return Object.freeze({
    kind: 'filter-rows',
    filter,
    columns: fields.filter(inMemory),
    payloads: fields.filter((field) => !inMemory(field)),
  });
}
