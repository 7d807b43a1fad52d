import {
  Bitset,
  CURVE_EFFORTS,
  CURVE_LIMIT,
  FAR_PART,
  scanGraph,
  walkGraph,
  type EffortCurve,
  type EffortPoint,
  type FilteredCurve,
  type GraphAccess,
  type HnswIndex,
  type MeasuredEffort,
  type SegmentRequest,
} from '../indexes/index.js';

/** Queries of the sample. */
const QUERIES = 100;
/** A recall that is as good as all; greater efforts are not measured. */
const ENOUGH = 0.9995;
/**
 * How far a query lies from the vector that it is made of, in distances of that vector to its nearest neighbour. With the
 * vectors themselves as queries the recall comes out too high (by .06 on GloVe at ef 40), for each is linked to its nearest;
 * at this distance, in the direction of the difference of two others, it comes out as that of queries from outside to
 * within .02 (GloVe 100-d, sentence embeddings 512-d, ef 40 to 200).
 */
const DISPLACEMENT = 0.55;

/** Shares of the vectors that match while walks under a filter are measured. */
const SHARES = { walk: [0.5, 0.2], 'walk-inside': [0.5, 0.2, 0.05, 0.02] } as const;
/** Shares that match while it is measured what walks find that lies away from the query, and the queries that this takes. */
const FAR_SHARES = [0.2, 0.08, 0.03];
const FAR_QUERIES = 20;
const FILTERED_EFFORTS = [16, 32, 64, 128, 256, 512];
/** In segments of fewer vectors, scanning what matches is as fast as any walk. */
const FILTERED_VECTORS = 8192;

/** A sample of queries over the vectors that are allowed, with their exact answers. */
interface Sample {
  readonly requests: readonly SegmentRequest[];
  readonly truths: readonly ReadonlySet<number>[];
  /** Microseconds a vector of the exact scan: the median. */
  readonly scanned: number;
}

/** A curve, and the microseconds of a walk at each of its points: medians. */
interface TimedCurve {
  readonly curve: EffortCurve;
  readonly times: readonly number[];
}

class Cancelled extends Error {}

/**
 * What recall a walk gives for which effort, without a filter and under filters of several shares, on queries that lie among the
 * vectors as queries from outside would; and what that takes on this machine. Undefined when cancelled.
 */
export function measureEffort(access: GraphAccess, cancelled: () => boolean): MeasuredEffort | undefined {
  const { count } = access.index.header;
  const own = { ...access, owners: Uint32Array.from({ length: count }, (_, node) => node), records: count };
  const check = () => {
    if (cancelled()) throw new Cancelled();
  };
  try {
    const queries = sampleQueries(own, check);
    const all = sampleOf(own, queries, everything(count), false, check);
    const walked = timedCurve(own, all, { inside: false }, CURVE_EFFORTS, check);
    if (count < FILTERED_VECTORS) return { curve: walked.curve };
    return { curve: walked.curve, ...measureFiltered(own, queries, all.scanned, walked, check) };
  } catch (error) {
    if (error instanceof Cancelled) return undefined;
    throw error;
  }
}

function measureFiltered(
  own: GraphAccess,
  queries: readonly Float32Array[],
  scanned: number,
  walked: TimedCurve,
  check: () => void,
): Pick<Required<MeasuredEffort>, 'filtered' | 'times'> {
  const filtered: FilteredCurve[] = [];
  let listed = 0;
  let inside = walked;
  for (const share of SHARES['walk-inside']) {
    const sample = sampleOf(own, queries, someOf(own.index.header.count, share), true, check);
    listed = sample.scanned;
    for (const kind of ['walk', 'walk-inside'] as const) {
      if (!SHARES[kind].some((measured) => measured === share)) continue;
      const timed = timedCurve(own, sample, { inside: kind === 'walk-inside' }, FILTERED_EFFORTS, check);
      filtered.push({ kind, share, curve: timed.curve });
      if (kind === 'walk-inside') inside = timed;
    }
  }
  for (const [i, share] of FAR_SHARES.entries()) {
    const curve = farCurve(own, queries, share, i, check);
    if (curve !== undefined) filtered.push({ kind: 'walk-inside-far', share, curve });
  }
  return { filtered, times: { scanned, listed, ...walkTimes(walked, inside) } };
}

/**
 * Walks while the vectors about one of them match, for those queries that lie away from it; undefined where these are too few to
 * tell.
 */
function farCurve(
  own: GraphAccess,
  queries: readonly Float32Array[],
  share: number,
  seed: number,
  check: () => void,
): EffortCurve | undefined {
  const { count } = own.index.header;
  const centre = rowOf(own.index, Math.floor(((seed + 1) * count) / (FAR_SHARES.length + 2)));
  const wanted = Math.floor(share * count);
  const near = scanGraph(own, { query: centre, wanted, allowed: everything(count), rows: count, scope: 'every' });
  const allowed = new Bitset(count);
  for (const node of near.records) allowed.add(node);
  const around = {
    far: { effort: CURVE_LIMIT, below: share * FAR_PART },
    dense: { effort: CURVE_LIMIT, above: 1 },
  };
  const away = queries.filter((query) => {
    const request: SegmentRequest = { query, wanted: CURVE_LIMIT, allowed, rows: count, scope: 'filtered' };
    return walkGraph(own, request, { effort: CURVE_LIMIT, inside: true, around }).far;
  });
  if (away.length < FAR_QUERIES) return undefined;
  return timedCurve(own, sampleOf(own, away, allowed, true, check), { inside: true }, FILTERED_EFFORTS, check).curve;
}

/**
 * The times of a distance and of a hop, from a walk that follows few links for each distance and one, inside a bitmap of few,
 * that follows many.
 */
function walkTimes(walked: TimedCurve, inside: TimedCurve): { distance: number; hop: number } {
  const [a, b] = [walked, inside].map(({ curve, times }) => {
    const place = Math.min(2, curve.length - 1);
    return { computed: curve[place].computed, hops: curve[place].hops!, time: times[place] };
  });
  const determinant = a.computed * b.hops - b.computed * a.hops;
  const distance = (a.time * b.hops - b.time * a.hops) / determinant;
  const hop = (a.computed * b.time - b.computed * a.time) / determinant;
  // A machine that is busy may have held up one of the two; a walk takes its time by one of them at least.
  const most = a.time / a.computed;
  const likely = Math.min(most, Math.max(most / 4, distance));
  return { distance: likely, hop: Math.min(4 * most, Math.max(most / 8, hop)) };
}

/** Queries that lie among the vectors as queries from outside would. */
function sampleQueries(own: GraphAccess, check: () => void): Float32Array[] {
  const { index } = own;
  const { count } = index.header;
  const all = everything(count);
  return Array.from({ length: QUERIES }, (_, i) => {
    check();
    const node = Math.floor(((i + 0.5) * count) / QUERIES);
    const near = scanGraph(own, { query: rowOf(index, node), wanted: 2, allowed: all, rows: count, scope: 'every' });
    return displaced(index, node, near.records.find((other) => other !== node) ?? node, i);
  });
}

function sampleOf(
  own: GraphAccess,
  queries: readonly Float32Array[],
  allowed: Bitset,
  listed: boolean,
  check: () => void,
): Sample {
  const rows = own.index.header.count;
  const scope = listed ? 'filtered' : 'every';
  const requests = queries.map((query): SegmentRequest => ({ query, wanted: CURVE_LIMIT, allowed, rows, scope }));
  const times: number[] = [];
  const truths = requests.map((request) => {
    check();
    const started = performance.now();
    const hand = scanGraph(own, request, listed);
    times.push(((performance.now() - started) * 1000) / Math.max(1, hand.scored));
    return nearest(hand);
  });
  return { requests, truths, scanned: median(times) };
}

function timedCurve(
  own: GraphAccess,
  { requests, truths }: Sample,
  { inside }: { readonly inside: boolean },
  efforts: readonly number[],
  check: () => void,
): TimedCurve {
  const curve: EffortPoint[] = [];
  const medians: number[] = [];
  for (const effort of efforts) {
    check();
    const times: number[] = [];
    let [found, wanted, computed, hops] = [0, 0, 0, 0];
    for (const [i, request] of requests.entries()) {
      const started = performance.now();
      const walked = walkGraph(own, request, { effort, inside });
      times.push((performance.now() - started) * 1000);
      computed += walked.computed;
      hops += walked.hops;
      wanted += truths[i].size;
      for (const node of nearest(walked)) if (truths[i].has(node)) found++;
    }
    const recall = Math.max(wanted === 0 ? 1 : found / wanted, curve.at(-1)?.recall ?? 0);
    curve.push({ effort, recall, computed: computed / requests.length, hops: hops / requests.length });
    medians.push(median(times));
    if (recall >= ENOUGH) break;
  }
  return { curve, times: medians };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >>> 1];
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

/** The vector of a node, moved by a part of its distance to its nearest one, along the difference of two others. */
function displaced(index: HnswIndex, node: number, neighbour: number, seed: number): Float32Array {
  const { count } = index.header;
  const place = (salt: number): number => Math.imul(seed * 2 + salt, 0x9e3779b1) >>> 0;
  const [a, b] = [rowOf(index, place(1) % count), rowOf(index, place(2) % count)];
  const [from, near] = [rowOf(index, node), rowOf(index, neighbour)];
  let [distance, length] = [0, 0];
  for (let i = 0; i < from.length; i++) {
    distance += (from[i] - near[i]) ** 2;
    length += (a[i] - b[i]) ** 2;
  }
  const scale = length === 0 ? 0 : DISPLACEMENT * Math.sqrt(distance / length);
  const query = from.map((value, i) => value + scale * (a[i] - b[i]));
  // Vectors that sum to nothing have no direction.
  return query.some((value) => value !== 0) ? query : from;
}

function rowOf(index: HnswIndex, node: number): Float32Array {
  return index.vectorRows(node, 1).slice(0, index.header.dimensions);
}

function everything(count: number): Bitset {
  const all = new Bitset(count);
  for (let node = 0; node < count; node++) all.add(node);
  return all;
}

/** The best of a hand. */
function nearest({ records, scores }: { records: Uint32Array; scores: Float32Array }): Set<number> {
  const places = Array.from(records.keys()).sort((a, b) => scores[b] - scores[a] || records[a] - records[b]);
  return new Set(places.slice(0, CURVE_LIMIT).map((place) => records[place]));
}
