import { canonicalKey } from './canonical-key.js';
import type { Filter } from './filter-node.js';

export const ALL: Filter = Object.freeze({ kind: 'all' });
export const NONE: Filter = Object.freeze({ kind: 'none' });

/** The canonical conjunction: flat, without duplicates and trivial children, in the order of the canonical keys. */
export function conjunction(children: readonly Filter[]): Filter {
  return combine('and', children, ALL, NONE);
}

/** The canonical disjunction. */
export function disjunction(children: readonly Filter[]): Filter {
  return combine('or', children, NONE, ALL);
}

/** The canonical complement. */
export function complement(child: Filter): Filter {
  if (child.kind === 'all') return NONE;
  if (child.kind === 'none') return ALL;
  return child.kind === 'not' ? child.child : Object.freeze({ kind: 'not', child });
}

function combine(kind: 'and' | 'or', children: readonly Filter[], neutral: Filter, absorbing: Filter): Filter {
  const distinct = new Map<string, Filter>();
  for (const child of children) {
    if (child.kind === absorbing.kind) return absorbing;
    if (child.kind === neutral.kind) continue;
    for (const part of child.kind === kind ? child.children : [child]) distinct.set(canonicalKey(part), part);
  }
  const sorted = [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, child]) => child);
  if (sorted.length <= 1) return sorted[0] ?? neutral;
  return Object.freeze({ kind, children: Object.freeze(sorted) });
}
