import { Bitset, CURVE_LIMIT, scanGraph, type GraphAccess, type ScanPoint } from '../indexes/index.js';
import { undisturbed } from './timing.js';

/** Scans of a kind that are timed: with each query one. */
const QUERIES = 8;
/** How many nodes match: from next to none; a little less and more than are kept when they were looked up; then twice as many each. */
const SIZES = [16, 64, 256, 1024, 2048, 3840, 4608];
/** The greatest part that matches; where half does, a processor foresees least which is next. */
const GREATEST_PART = 0.5;

/** What exact scans of both kinds take, by how many vectors match. */
export interface TimedScans {
  readonly scan: readonly ScanPoint[];
  readonly scanMatching: readonly ScanPoint[];
}

/** Times exact scans. `someOf` gives about as many nodes as it is asked for, spread evenly. */
export function timeScans(
  own: GraphAccess,
  queries: readonly Float32Array[],
  someOf: (size: number) => Bitset,
  check: () => void,
): TimedScans {
  const { count } = own.index.header;
  const timed = (allowed: Bitset, listed: boolean): ScanPoint => {
    const times = queries.slice(0, QUERIES).map((query) => {
      check();
      const started = performance.now();
      scanGraph(own, { query, wanted: CURVE_LIMIT, allowed, rows: count, scope: 'filtered' }, listed);
      return (performance.now() - started) * 1000;
    });
    return { matching: allowed.count(), micros: undisturbed(times) };
  };
  const sets = ascending(sizesOf(count).map(someOf));
  return {
    scan: ascending([...sets, Bitset.below(count)]).map((allowed) => timed(allowed, false)),
    scanMatching: sets.map((allowed) => timed(allowed, true)),
  };
}

function sizesOf(count: number): number[] {
  const sizes = [...SIZES];
  for (let size = 2 * sizes[sizes.length - 1]; size < count; size *= 2) sizes.push(size);
  const most = count * GREATEST_PART;
  return [...sizes.filter((size) => size < 0.8 * most), most];
}

/** Those that hold more than the one before. */
function ascending(sets: readonly Bitset[]): Bitset[] {
  const kept: Bitset[] = [];
  let most = 0;
  for (const set of sets) {
    const size = set.count();
    if (size > most) kept.push(set);
    most = Math.max(most, size);
  }
  return kept;
}
