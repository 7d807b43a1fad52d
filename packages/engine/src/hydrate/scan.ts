import { NearfieldError } from '../errors/index.js';
import { compareIds, type FieldValues } from '../execute/index.js';
import { firstOf, type Bitset } from '../indexes/index.js';
import type { RecordId } from '../schema/index.js';
import type { RecordTable } from '../segment/index.js';
import type { CollectionStore } from '../store/index.js';
import type { ParsedScan } from './scan-options.js';

type Comparison = (a: number, b: number) => number;

/** The ids of the records that a scan will visit, in order; `values` are those of the field that gives it. */
export function orderedIds(
  scan: ParsedScan,
  rows: Bitset,
  table: RecordTable,
  store: CollectionStore,
  values?: FieldValues,
): RecordId[] {
  const { ids } = table;
  const byId: Comparison = (a, b) => compareIds(ids[a], ids[b]);
  const compare = scan.order === undefined || values === undefined ? byId : byField(scan.order, values, byId);
  const all = rows.toArray();
  const rest = scan.after === undefined ? all : all.filter(isAfter(scan.after, scan, table, store, compare));
  return Array.from(firstOf(rest, scan.limit, compare), (row) => ids[row]);
}

function isAfter(
  after: RecordId,
  scan: ParsedScan,
  table: RecordTable,
  store: CollectionStore,
  compare: Comparison,
): (row: number) => boolean {
  if (scan.order === undefined) return (row) => compareIds(table.ids[row], after) > 0;
  const key = store.keyOf(after);
  if (key === undefined) {
    throw new NearfieldError('RECORD_NOT_FOUND', `There is no record ${JSON.stringify(after)} to go on after`, {
      record: after,
      remedy: 'Begin the scan anew: its place in the order went with the record.',
    });
  }
  const cursor = table.keys.rowOf(key);
  // A reader's file is ahead of its table.
  if (cursor < 0) throw store.versionGone(after);
  return (row) => compare(row, cursor) > 0;
}

/** Missing values last, in either direction. */
function byField({ descending }: { descending: boolean }, values: FieldValues, tie: Comparison): Comparison {
  const valueOf = (row: number): string | number | undefined => {
    const value = values.of(row);
    return value === undefined || typeof value === 'string' ? value : Number(value);
  };
  const sign = descending ? -1 : 1;
  return (a, b) => {
    const [x, y] = [valueOf(a), valueOf(b)];
    if (x === y) return tie(a, b);
    if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
    return x < y ? -sign : sign;
  };
}
