import type { Filter } from '../filter/index.js';
import type { Bitset, ValueCounts } from '../indexes/index.js';
import type { LiveRecords } from '../segment/index.js';
import { withFieldValues, type FieldValues } from './field-values.js';
import { withMatchingRows } from './filter-rows.js';
import { inSteps } from '../workers/index.js';

/**
 * In how many of the records that pass the filter each value of a field occurs, or each element of a list. Dates are
 * milliseconds since the epoch. By the column index, or from the records themselves, which takes much longer.
 */
export async function countValues(
  field: string,
  filter: Filter,
  live: LiveRecords,
  signal?: AbortSignal,
): Promise<ValueCounts> {
  const counting = await withMatchingRows(
    filter,
    live,
    // The values of a row never change, so that a copy of the bitmap is all that has to stand still.
    (table, rows) => table.columns.get(field)?.countValues?.(rows.words(table.rows).slice()),
    signal,
  );
  if (counting !== undefined) return inSteps(counting, signal);
  return withFieldValues(field, filter, live, (_table, rows, values) => countOneByOne(rows, values), signal);
}

function countOneByOne(rows: Bitset, values: FieldValues): ValueCounts {
  const counts = new Map<string | number | boolean, number>();
  for (const row of rows.toArray()) {
    const value = values.of(row);
    if (value === undefined || value === null) continue;
    const elements = Array.isArray(value) ? new Set<unknown>(value) : [value];
    for (const element of elements) {
      const counted = (element instanceof Date ? element.getTime() : element) as string | number | boolean;
      counts.set(counted, (counts.get(counted) ?? 0) + 1);
    }
  }
  return { values: [...counts.keys()], counts: [...counts.values()] };
}
