import type { Filter } from './filter-node.js';

const keys = new WeakMap<Filter, string>();

/**
 * A string that two parsed filters share exactly when they are the same filter: equivalent spellings have one key, so
 * it serves as a cache key. It says nothing to people and may change between releases.
 */
export function canonicalKey(filter: Filter): string {
  // Remembered, or each level of a nested filter would write out the levels below it anew.
  let key = keys.get(filter);
  if (key === undefined) keys.set(filter, (key = writeKey(filter)));
  return key;
}

function writeKey(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `${filter.kind}(${filter.children.map(canonicalKey).join()})`;
    case 'not':
      return `not(${canonicalKey(filter.child)})`;
    default:
      // The parser writes the properties of a condition in one order, and sorts the keys of objects in operands.
      return JSON.stringify(filter);
  }
}
