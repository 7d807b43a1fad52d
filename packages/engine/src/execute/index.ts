export { compareIds, executePlan, type CandidateList } from './execute-plan.js';
export { withMatchingRows } from './filter-rows.js';
