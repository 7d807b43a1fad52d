export { LiveRecords } from './live-records.js';
export { MemoryBudget } from './memory-budget.js';
export { POLICY_LIMITS, type PolicyLimits } from './merge-policy.js';
export { RecordTable } from './record-table.js';
export type { SegmentContext } from './segment-context.js';
export { SegmentBuilder } from './segment-builder.js';
export { SegmentSearchers, type DenseSearch } from './segment-searchers.js';
export type { SegmentStep, SegmentsHand } from './search-segments.js';
export type { VectorSegments } from './vector-segments.js';
