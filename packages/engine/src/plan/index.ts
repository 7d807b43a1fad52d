export { planQuery } from './plan-query.js';
export type { DenseScanNode, FilterNode, LegNode, PostingsScanNode, QueryPlan } from './query-plan.js';
