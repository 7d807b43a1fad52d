import { exactly, intersection, negation, union, type Cardinality } from './cardinality.js';
import type { Condition, Filter } from './filter-node.js';

/** Estimates how many of `total` rows pass a filter, from estimates of its conditions. */
export function estimateFilter(
  filter: Filter,
  total: number,
  condition: (condition: Condition) => Cardinality,
): Cardinality {
  const estimate = (child: Filter): Cardinality => estimateFilter(child, total, condition);
  switch (filter.kind) {
    case 'all':
      return exactly(total);
    case 'none':
      return exactly(0);
    case 'and':
      return intersection(filter.children.map(estimate), total);
    case 'or':
      return union(filter.children.map(estimate), total);
    case 'not':
      return negation(estimate(filter.child), total);
    default:
      return condition(filter);
  }
}
