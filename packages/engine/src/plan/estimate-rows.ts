import { between, estimateFilter, type Cardinality, type Condition, type Filter } from '../filter/index.js';
import type { RecordTable } from '../segment/index.js';

/** The share of rows to expect where no index says more, by kind of condition. */
const GUESSED_SHARE: Readonly<Record<Condition['kind'], number>> = {
  exists: 0.5,
  in: 0.1,
  equals: 0.05,
  compare: 0.33,
  range: 0.2,
  contains: 0.1,
  within: 0.1,
};

/** Conditions of one filter that are looked up; the others are guessed, so that no filter holds the event loop. */
const LOOKED_UP = 256;

/**
 * How many live rows of a table pass a filter, from the counts of its column indexes. Reads no record. A filter that is a
 * condition is counted no further than `enough`, which may be all that there is to know.
 */
export function estimateRows(filter: Filter, table: RecordTable, enough = Infinity): Cardinality {
  let conditions = 0;
  return estimateFilter(filter, table.size, (condition) => {
    if (conditions++ >= LOOKED_UP) return guess(condition, table);
    return estimateCondition(condition, table, condition === filter ? enough : Infinity);
  });
}

function estimateCondition(condition: Condition, table: RecordTable, enough: number): Cardinality {
  const { size, rows, columns } = table;
  const { field, keys } = condition.target;
  const column = columns.get(field);
  if (column !== undefined && keys.length === 0) {
    // An index knows dead rows too, and not which they are.
    const { min, expected, max } = column.estimate(condition, enough);
    return between(Math.max(0, min - (rows - size)), rows === 0 ? 0 : (expected * size) / rows, Math.min(max, size));
  }
  if (field === 'id' && keys.length === 0) {
    if (condition.kind === 'exists') return between(size, size, size);
    if (condition.kind === 'in') {
      const most = Math.min(size, condition.values.length);
      return between(0, most, most);
    }
  }
  return guess(condition, table);
}

function guess({ kind }: Condition, { size }: RecordTable): Cardinality {
  return between(0, size * GUESSED_SHARE[kind], size);
}
