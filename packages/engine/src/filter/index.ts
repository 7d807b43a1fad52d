export type { FilterInput, FilterOf, ConditionInput, RegionInput } from './filter-input.js';
export type * from './filter-node.js';
export { parseFilter } from './parse-filter.js';
export { canonicalKey } from './canonical-key.js';
export { filterFields } from './filter-fields.js';
export { compileFilter, type RowReader, type RowTest } from './compile-filter.js';
