import {
  Bitset,
  CURVE_EFFORTS,
  CURVE_LIMIT,
  walkGraph,
  type DeepRecall,
  type EffortCurve,
  type FilteredCurve,
  type GraphAccess,
  type HnswIndex,
  type MeasuredEffort,
} from '../indexes/index.js';
import {
  FILTERED_EFFORTS,
  HOLE,
  foundOf,
  isOnLevelZero,
  nearest,
  rowOf,
  sampleOf,
  timedCurve,
  type Sample,
  type SampleQuery,
} from './effort-sample.js';
import { placedCurves } from './measure-places.js';
import { thisMachine } from './this-machine.js';
import { timeScans } from './time-scans.js';

/** Queries of the sample, and those of them that are enough under filters: the exact answers to these are what takes longest. */
const QUERIES = 200;
const FILTERED_QUERIES = 120;
/**
 * More hits may take more effort than in proportion to ten: so many are looked for as well, or a part of those that there are, with the
 * least effort that gives so much of ten. What is missed of these is no less than the least that a sample tells from nothing.
 */
const DEEP_HITS = 100;
const DEEP_PART = 0.1;
const DEEP_RECALL = 0.95;
const DEEP_LEAST_LACK = 0.005;
const DEEP_MOST_TIMES = 8;

/** Shares of the vectors that match while walks under a filter are measured. */
const SHARES = { walk: [0.5, 0.2], 'walk-inside': [0.5, 0.2, 0.05, 0.02] } as const;
/** In segments of fewer vectors, scanning what matches is as fast as any walk. */
const FILTERED_VECTORS = 8192;

class Cancelled extends Error {}

/**
 * What recall a walk gives for which effort, without a filter and under filters of several shares, on queries that are vectors of
 * the segment; and what that takes on this machine. Undefined when cancelled.
 */
export function measureEffort(access: GraphAccess, cancelled: () => boolean): MeasuredEffort | undefined {
  const { count } = access.index.header;
  const own = { ...access, owners: Uint32Array.from({ length: count }, (_, node) => node), records: count };
  const check = () => {
    if (cancelled()) throw new Cancelled();
  };
  try {
    const queries = sampleQueries(own.index);
    const hits = Math.min(DEEP_HITS, Math.floor(DEEP_PART * count));
    const all = sampleOf(own, queries, undefined, check, Math.max(hits, CURVE_LIMIT));
    const curve = timedCurve(own, all, { inside: false }, CURVE_EFFORTS, check);
    const vectors = queries.map(({ query }) => query);
    const scans = timeScans(own, vectors, (size) => someOf(count, size / count), check);
    const deep = hits > 2 * CURVE_LIMIT ? { deep: deepRecall(own, all, curve, hits, check) } : undefined;
    const measured = { curve, queries: QUERIES, ...deep, timed: { machine: thisMachine(), ...scans } };
    return count < FILTERED_VECTORS ? measured : { ...measured, filtered: measureFiltered(own, queries, check) };
  } catch (error) {
    if (error instanceof Cancelled) return undefined;
    throw error;
  }
}

function measureFiltered(own: GraphAccess, queries: readonly SampleQuery[], check: () => void): FilteredCurve[] {
  const fewer = Array.from(
    { length: FILTERED_QUERIES },
    (_, i) => queries[Math.floor((i * QUERIES) / FILTERED_QUERIES)],
  );
  const filtered: FilteredCurve[] = [];
  for (const share of SHARES['walk-inside']) {
    const sample = sampleOf(own, fewer, someOf(own.index.header.count, share), check);
    for (const kind of ['walk', 'walk-inside'] as const) {
      if (!SHARES[kind].some((measured) => measured === share)) continue;
      const options = { inside: kind === 'walk-inside', atRandom: true };
      filtered.push({ kind, share, curve: timedCurve(own, sample, options, FILTERED_EFFORTS, check) });
    }
  }
  return [...filtered, ...placedCurves(own, queries, check)];
}

/** See DeepRecall. */
function deepRecall(own: GraphAccess, all: Sample, curve: EffortCurve, hits: number, check: () => void): DeepRecall {
  const half = <T>(sample: readonly T[]) => sample.filter((_, i) => i % 2 === 0);
  const [requests, truths] = [half(all.requests), half(all.truths)];
  const point = curve.find(({ recall }) => recall >= DEEP_RECALL) ?? curve[curve.length - 1];
  const effort = Math.ceil((point.effort * HOLE[own.index.header.quantization] * hits) / CURVE_LIMIT);
  let [found, wanted] = [0, 0];
  for (const [i, request] of requests.entries()) {
    check();
    const walked = walkGraph(own, { ...request, wanted: hits }, { effort, hidden: request.node });
    found += foundOf(truths[i], nearest(walked, request.node, hits));
    wanted += truths[i].length;
  }
  const lack = (recall: number) => Math.max(DEEP_LEAST_LACK, 1 - recall);
  const times = lack(found / wanted) / lack(point.recall);
  return { hits, times: Math.min(DEEP_MOST_TIMES, Math.max(1, times)) };
}

/** Nodes from all over the segment, each on level 0 alone. */
function sampleQueries(index: HnswIndex): SampleQuery[] {
  const { count } = index.header;
  return Array.from({ length: QUERIES }, (_, i) => {
    const first = Math.floor(((i + 0.5) * count) / QUERIES);
    let node = first;
    while (!isOnLevelZero(index, node) && node - first < count) node = (node + 1) % count;
    return { node, query: rowOf(index, node) };
  });
}

/** About that share of the nodes, spread evenly. */
function someOf(count: number, share: number): Bitset {
  const some = new Bitset(count);
  for (let node = 0; node < count; node++) {
    // A finalizer of hashes: a plain product would follow the order of the nodes (Appleby, MurmurHash3, 2011).
    let hash = Math.imul(node ^ 0x9e3779b1, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    if ((hash ^ (hash >>> 16)) >>> 0 < share * 2 ** 32) some.add(node);
  }
  return some;
}
