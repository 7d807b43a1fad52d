export { inlineCost } from './cost-model.js';
export { estimateRows } from './estimate-rows.js';
export { ObservedRecall, type QueryKind } from './observed-recall.js';
export { planQuery } from './plan-query.js';
export type { DenseNode, FilterNode, LegNode, PostingsScanNode, QueryPlan, Strategy } from './query-plan.js';
export type { StepChoice } from './choose-step.js';
export type { SearchAnalysis, SearchStage } from './search-analysis.js';
export type { SegmentNode } from './segment-node.js';
