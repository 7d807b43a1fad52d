import type { Filter } from './filter-node.js';

/** The top-level fields that a filter reads, each once, in code unit order. */
export function filterFields(filter: Filter): readonly string[] {
  const fields = new Set<string>();
  collect(filter, fields);
  return [...fields].sort();
}

function collect(filter: Filter, fields: Set<string>): void {
  switch (filter.kind) {
    case 'all':
    case 'none':
      return;
    case 'and':
    case 'or':
      for (const child of filter.children) collect(child, fields);
      return;
    case 'not':
      collect(filter.child, fields);
      return;
    default:
      fields.add(filter.target.field);
  }
}
