export { compareIds, executePlan, type CandidateList } from './execute-plan.js';
export { matchingRows } from './filter-rows.js';
