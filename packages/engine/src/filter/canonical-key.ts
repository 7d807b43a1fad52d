import type { AndNode, Filter, OrNode } from './filter-node.js';

const groupKeys = new WeakMap<Filter, string>();

/**
 * A string that two parsed filters share exactly when they are the same filter: equivalent spellings have one key, so
 * it serves as a cache key. It says nothing to people and may change between releases.
 */
export function canonicalKey(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return keyOfGroup(filter);
    case 'not':
      return `not(${canonicalKey(filter.child)})`;
    default:
      // The parser writes the properties of a condition in one order, and sorts the keys of objects in operands.
      return JSON.stringify(filter);
  }
}

/** Remembered, or each level of a nested filter would write out the levels below it anew. */
function keyOfGroup(filter: AndNode | OrNode): string {
  let key = groupKeys.get(filter);
  if (key === undefined) {
    key = `${filter.kind}(${filter.children.map(canonicalKey).join()})`;
    groupKeys.set(filter, key);
  }
  return key;
}
