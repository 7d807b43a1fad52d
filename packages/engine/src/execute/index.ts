export { countValues } from './count-values.js';
export {
  compareIds,
  complete,
  isLarge,
  pinned,
  prepare,
  searchElsewhere,
  searchHere,
  type CandidateList,
  type Execution,
  type Matches,
} from './execute-plan.js';
export { plannedComparisons } from './dense-leg.js';
export { withFieldValues, type FieldValues } from './field-values.js';
export { withMatchingRows } from './filter-rows.js';
export { outcomeOf, outcomeUnsearched, type Outcome } from './outcome.js';
export { sampleShare } from './sample-rows.js';
export type { Scope } from './scope.js';
export { SearchQueue } from './search-queue.js';
export { shareOut } from './share-out.js';
