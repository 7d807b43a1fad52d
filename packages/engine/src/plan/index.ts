export { estimateRows } from './estimate-rows.js';
export { planQuery } from './plan-query.js';
export type { DenseNode, FilterNode, LegNode, PostingsScanNode, QueryPlan, Strategy } from './query-plan.js';
