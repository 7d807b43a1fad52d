import { NearfieldError } from '../errors/index.js';
import { inSteps } from '../workers/index.js';
import { compareIds, withFieldValues, withMatchingRows, type FieldValues } from '../execute/index.js';
import { firstInSteps, type Bitset, type Steps } from '../indexes/index.js';
import type { RecordId } from '../schema/index.js';
import type { LiveRecords, RecordTable } from '../segment/index.js';
import type { CollectionStore } from '../store/index.js';
import type { ParsedScan } from './scan-options.js';

/** Rows that are compared with the last one of the page before in one step. */
const STEP_ROWS = 4096;

type Comparison = (a: number, b: number) => number;

/** The ids of the records that a scan will visit, in order. */
export async function scannedIds(scan: ParsedScan, live: LiveRecords, signal?: AbortSignal): Promise<RecordId[]> {
  const order = (table: RecordTable, rows: Bitset, values?: FieldValues) =>
    orderedIds(scan, rows, table, live.store, values);
  const ordering =
    scan.order === undefined
      ? withMatchingRows(scan.filter, live, order, signal)
      : withFieldValues(scan.order.field, scan.filter, live, order, signal);
  return inSteps(await ordering, signal);
}

/**
 * These ids, found in steps; `values` are those of the field that gives it.
 * All that can change is read at once, before the first step: the order is that of the moment of the call.
 */
function orderedIds(
  scan: ParsedScan,
  rows: Bitset,
  table: RecordTable,
  store: CollectionStore,
  values?: FieldValues,
): Steps<RecordId[]> {
  const { ids } = table;
  const all = rows.toArray();
  values?.complete(all);
  const byId: Comparison = (a, b) => compareIds(ids[a], ids[b]);
  const compare = scan.order === undefined || values === undefined ? byId : byField(scan.order, values, byId);
  const isAfter = scan.after === undefined ? undefined : behind(scan.after, scan, table, store, compare, values);
  return (function* () {
    const rest = isAfter === undefined ? all : yield* kept(all, isAfter);
    const first = yield* firstInSteps(rest, scan.limit, compare);
    return Array.from(first, (row) => ids[row]);
  })();
}

function* kept(rows: Uint32Array, test: (row: number) => boolean): Steps<Uint32Array> {
  const passed = new Uint32Array(rows.length);
  let length = 0;
  for (let i = 0; i < rows.length; i++) {
    if (test(rows[i])) passed[length++] = rows[i];
    if (i % STEP_ROWS === STEP_ROWS - 1) yield;
  }
  return passed.subarray(0, length);
}

/** Whether a row comes behind the record where the page before ended. */
function behind(
  after: RecordId,
  scan: ParsedScan,
  table: RecordTable,
  store: CollectionStore,
  compare: Comparison,
  values?: FieldValues,
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
  values?.complete(Uint32Array.of(cursor));
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
