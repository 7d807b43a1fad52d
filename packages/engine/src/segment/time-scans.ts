import { Bitset, scanGraph, type GraphAccess, type ScanPoint } from '../indexes/index.js';
import { undisturbed } from './timing.js';

/** Scans of a kind that are timed: with each query one. */
const QUERIES = 8;
/** Nodes that are enough to tell what a scan of next to nothing takes. */
const FEW = 16;

/** What exact scans of both kinds take, by how many vectors match. */
export interface TimedScans {
  readonly scan: readonly ScanPoint[];
  readonly scanMatching: readonly ScanPoint[];
}

/** Times exact scans of few nodes, of each of the sets, which ascend in size, and of all. */
export function timeScans(
  own: GraphAccess,
  queries: readonly Float32Array[],
  sets: readonly Bitset[],
  check: () => void,
): TimedScans {
  const { count } = own.index.header;
  const few = new Bitset(count);
  for (let i = 0; i < FEW; i++) few.add(Math.floor((i * count) / FEW));
  const some = [few, ...sets.filter((set) => set.count() > FEW)];
  const all = count > FEW ? [Bitset.below(count)] : [];
  const timed = (allowed: Bitset, listed: boolean): ScanPoint => {
    const times = queries.slice(0, QUERIES).map((query) => {
      check();
      const started = performance.now();
      scanGraph(own, { query, wanted: 10, allowed, rows: count, scope: 'filtered' }, listed);
      return (performance.now() - started) * 1000;
    });
    return { matching: allowed.count(), micros: undisturbed(times) };
  };
  return {
    scan: [...some, ...all].map((allowed) => timed(allowed, false)),
    scanMatching: some.map((allowed) => timed(allowed, true)),
  };
}
