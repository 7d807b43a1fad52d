import type { KeyRun } from '../store/index.js';
import type { VectorSource } from './build-task.js';
import type { FlatSegment } from './flat-segment.js';
import { NO_ROW } from './key-column.js';
import type { RecordTable } from './record-table.js';
import type { SealedSegment } from './sealed-segment.js';

/** What goes into a new segment, and what goes out of the file with it. */
export interface Gathered {
  readonly sources: readonly VectorSource[];
  /** The runs of keys that the segment will cover, and the rows that the vector table will have in them. */
  readonly runs: readonly KeyRun[];
  readonly rows: number;
  /** Vectors in all, those of the base included. */
  readonly vectors: number;
  /** Keys of dead records in the runs, whose vectors the segment will not hold. */
  readonly dropped: Float64Array;
}

/** The live vectors of segments at this moment. A base is taken as it is, with its dead vectors. */
export function gather(
  base: SealedSegment | undefined,
  sealed: readonly SealedSegment[],
  flats: readonly FlatSegment[],
  table: RecordTable,
): Gathered {
  const sources: VectorSource[] = [];
  const runs: KeyRun[] = [...(base?.runs ?? [])];
  const dropped: number[] = [];
  let rows = base === undefined ? 0 : base.records;
  let vectors = base?.size ?? 0;
  const take = (source: VectorSource, covered: readonly KeyRun[]) => {
    for (const run of covered) addRun(runs, run);
    rows += distinct(source.keys);
    vectors += source.keys.length;
    sources.push(source);
  };
  for (const segment of sealed) take(fromSealed(segment, table, dropped), segment.runs);
  for (const flat of flats) if (flat.run !== undefined) take(fromFlat(flat, table, dropped), [flat.run]);
  return { sources, runs, rows, vectors, dropped: Float64Array.from(dropped) };
}

function fromSealed(
  { index, keys, owners, runs }: SealedSegment,
  { alive }: RecordTable,
  dropped: number[],
): VectorSource {
  const { memory, vectors } = index.layout;
  const stride = index.rowLength * 4;
  // Typed arrays: a million of plain numbers would hold the event loop for a quarter of a second.
  const kept = new Float64Array(keys.length);
  const addresses = new Float64Array(keys.length);
  let count = 0;
  for (let node = 0; node < keys.length; node++) {
    if (owners[node] !== NO_ROW && alive.has(owners[node])) {
      addresses[count] = vectors + node * stride;
      kept[count++] = keys[node];
    } else if (dropped[dropped.length - 1] !== keys[node]) dropped.push(keys[node]);
  }
  if (vectors === 0) return { kind: 'file', keys: kept.slice(0, count), runs };
  return { kind: 'memory', memory, addresses: addresses.slice(0, count), keys: kept.slice(0, count) };
}

function fromFlat({ index, orphans }: FlatSegment, { alive, keys }: RecordTable, dropped: number[]): VectorSource {
  const owners = index.owners();
  const kept = new Float64Array(owners.length);
  const addresses = new Float64Array(owners.length);
  let count = 0;
  for (let place = 0; place < owners.length; place++) {
    const row = owners[place];
    const key = keys.at(row);
    if (alive.has(row)) {
      addresses[count] = index.memory.addressOf(place);
      kept[count++] = key;
    } else if (dropped[dropped.length - 1] !== key) dropped.push(key);
  }
  // One by one: they may be more than a call takes arguments.
  for (const key of orphans) dropped.push(key);
  const { memory } = index.memory;
  return { kind: 'memory', memory, addresses: addresses.slice(0, count), keys: kept.slice(0, count) };
}

/** Adds a run, as a part of the last one where it goes on from there. */
function addRun(runs: KeyRun[], run: KeyRun): void {
  const last = runs[runs.length - 1];
  if (last !== undefined && last[1] + 1 === run[0]) runs[runs.length - 1] = [last[0], run[1]];
  else runs.push(run);
}

/** Different keys; equal ones are neighbours. */
function distinct(keys: Float64Array): number {
  let count = 0;
  for (let i = 0; i < keys.length; i++) if (i === 0 || keys[i] !== keys[i - 1]) count++;
  return count;
}
