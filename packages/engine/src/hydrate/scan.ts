import { NearfieldError } from '../errors/index.js';
import { compareIds } from '../execute/index.js';
import { firstOf, type Bitset } from '../indexes/index.js';
import type { RecordId } from '../schema/index.js';
import type { RecordTable } from '../segment/index.js';
import type { CollectionStore } from '../store/index.js';
import type { ParsedScan } from './scan-options.js';

type Comparison = (a: number, b: number) => number;

/** The ids of the records that a scan will visit, in order. */
export function orderedIds(scan: ParsedScan, rows: Bitset, table: RecordTable, store: CollectionStore): RecordId[] {
  const { ids } = table;
  const byId: Comparison = (a, b) => compareIds(ids[a], ids[b]);
  const compare = scan.order === undefined ? byId : byField(scan.order, table, store, byId);
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
  return (row) => compare(row, cursor) > 0;
}

function byField(
  { field, descending }: { field: string; descending: boolean },
  table: RecordTable,
  store: CollectionStore,
  tie: Comparison,
): Comparison {
  const column = table.columns.get(field);
  const stored = new Map<number, unknown>();
  const read = (row: number): unknown => {
    if (!stored.has(row)) stored.set(row, store.payload(table.keys.at(row))?.[field]);
    return stored.get(row);
  };
  const valueOf = (row: number): string | number | undefined => {
    const value = column === undefined ? read(row) : column.read(row);
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
