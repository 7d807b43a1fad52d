import { complement, conjunction, disjunction } from './combine.js';
import type { Condition, Filter, Target } from './filter-node.js';
import { mergeAll, mergeAny } from './merge-conditions.js';

/**
 * The one form of equivalent filters: negations moved down to single conditions (De Morgan's laws), and conditions on one
 * target merged where one says what several do. Linear in the size of the filter, but for sorting.
 */
export function normalise(filter: Filter, negated = false): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const children = filter.children.map((child) => normalise(child, negated));
      return (filter.kind === 'and') !== negated ? mergedConjunction(children) : mergedDisjunction(children);
    }
    case 'not':
      return normalise(filter.child, !negated);
    default:
      return negated ? complement(filter) : filter;
  }
}

function mergedConjunction(children: readonly Filter[]): Filter {
  const { asserted, denied, others } = byTarget(conjunction(children), 'and');
  return conjunction([
    ...asserted.flatMap(mergeAll),
    // Neither of two is the negation of any of them.
    ...denied.flatMap(mergeAny).map(complement),
    ...others,
  ]);
}

function mergedDisjunction(children: readonly Filter[]): Filter {
  const { asserted, denied, others } = byTarget(disjunction(children), 'or');
  return disjunction([...asserted.flatMap(mergeAny), ...denied.flatMap(mergeAll).map(complement), ...others]);
}

interface Grouped {
  /** Conditions, and those under a negation, each group on one target. */
  readonly asserted: Condition[][];
  readonly denied: Condition[][];
  readonly others: Filter[];
}

function byTarget(filter: Filter, kind: 'and' | 'or'): Grouped {
  const asserted = new Map<string, Condition[]>();
  const denied = new Map<string, Condition[]>();
  const others: Filter[] = [];
  for (const child of filter.kind === kind ? filter.children : [filter]) {
    const condition = child.kind === 'not' ? child.child : child;
    if (!isCondition(condition)) {
      others.push(child);
      continue;
    }
    const groups = child.kind === 'not' ? denied : asserted;
    const key = keyOf(condition.target);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [condition]);
    else group.push(condition);
  }
  return { asserted: [...asserted.values()], denied: [...denied.values()], others };
}

function keyOf({ field, keys }: Target): string {
  return keys.length === 0 ? field : JSON.stringify([field, ...keys]);
}

function isCondition(filter: Filter): filter is Condition {
  return 'target' in filter;
}
