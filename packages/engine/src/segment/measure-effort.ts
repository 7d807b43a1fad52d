import {
  Bitset,
  CURVE_EFFORTS,
  CURVE_LIMIT,
  scanGraph,
  sharesAround,
  walkGraph,
  type DeepRecall,
  type EffortCurve,
  type EffortPoint,
  type FilteredCurve,
  type GraphAccess,
  type Hand,
  type HnswIndex,
  type MeasuredEffort,
  type SegmentRequest,
  type WalkKind,
} from '../indexes/index.js';
import { thisMachine } from './this-machine.js';
import { timeScans } from './time-scans.js';
import { undisturbed } from './timing.js';

/** Queries of the sample, and those of them that are enough under filters: the exact answers to these are what takes longest. */
const QUERIES = 200;
const FILTERED_QUERIES = 120;
/** A recall that is as good as all; greater efforts are not measured. */
const ENOUGH = 0.9995;
/** As good as all under a filter: one that was not measured gives no more than about that. */
const ENOUGH_FILTERED = 0.9985;
/**
 * The queries are nodes, which their walks do not meet. But the graph was made with them: their neighbours lack the links to
 * them, and such that were left out on their account. That takes so many times the effort that a query from outside takes: 1.1 to
 * 1.3 without codes (GloVe 100-d, sentence embeddings 512-d, normal distributions and clusters of 24 to 512 dimensions, ef 16 to 128), hardly
 * any more with binary ones, and none where a filter leaves out what lies around the hole as well.
 */
const HOLE = { none: 1.15, int8: 1.15, binary: 1 } as const;

/** Of the share of matches that walks meet: so many times as far from the mean as the farthest of the sample, none is expected. */
const TOGETHER_BEYOND = 1.5;

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
/**
 * Shares that match while it is measured what walks find that lies away from the query, in how many places it lies, and the queries
 * that this takes.
 */
const FAR_SHARES = { 'walk-inside': [0.5, 0.1, 0.02], walk: [0.8] } as const;
const FAR_PLACES = [8, 32];
const FAR_QUERIES = 20;
/** The effort with which it is found out which these are. */
const CLASSED_EFFORT = 32;
/** Beyond, an exact scan of what matches takes no longer (GloVe, 340 000 rows, a fifth of them). */
const FILTERED_EFFORTS = [16, 32, 64, 128, 256];
/** Walks of each effort that are timed, and bytes that are read between them: more than the nearest caches hold. */
const TIMED_WALKS = 24;
const DISTURBANCE_BYTES = 2 * 1024 * 1024;
/** In segments of fewer vectors, scanning what matches is as fast as any walk. */
const FILTERED_VECTORS = 8192;

/** A query of the sample: a vector of the segment, and its node. */
interface SampleQuery {
  readonly node: number;
  readonly query: Float32Array;
}

/** A sample of queries over the vectors that are allowed, with their exact answers. */
interface Sample {
  readonly requests: readonly (SegmentRequest & { readonly node: number })[];
  /** Nodes, the nearest first. */
  readonly truths: readonly (readonly number[])[];
}

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
    const all = sampleOf(own, queries, everything(count), false, check);
    const curve = timedCurve(own, all, { inside: false }, CURVE_EFFORTS, check);
    const vectors = queries.map(({ query }) => query);
    const scans = timeScans(own, vectors, (size) => someOf(count, size / count), check);
    const deep = hits > 2 * CURVE_LIMIT ? { deep: deepRecall(own, queries, curve, hits, check) } : undefined;
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
    const sample = sampleOf(own, fewer, someOf(own.index.header.count, share), true, check);
    for (const kind of ['walk', 'walk-inside'] as const) {
      if (!SHARES[kind].some((measured) => measured === share)) continue;
      const options = { inside: kind === 'walk-inside', atRandom: true };
      filtered.push({ kind, share, curve: timedCurve(own, sample, options, FILTERED_EFFORTS, check) });
    }
  }
  return [...filtered, ...farCurves(own, queries, check)];
}

/**
 * Walks while the vectors in some places match, for those queries that lie away from them; none where these are too few to tell. Of
 * filters with few places and with many, the one that is harder.
 */
function farCurves(own: GraphAccess, queries: readonly SampleQuery[], check: () => void): FilteredCurve[] {
  const around = FAR_PLACES.map((places) => nearestOf(own, places, check));
  const curves: FilteredCurve[] = [];
  for (const kind of ['walk', 'walk-inside'] as const) {
    for (const part of FAR_SHARES[kind]) {
      const inside = kind === 'walk-inside';
      const tried = around.flatMap((places) => {
        const far = farSample(own, queries, places, { part, kind }, check);
        if (far === undefined) return [];
        const [{ recall }] = timedCurve(own, far.sample, { inside }, [CLASSED_EFFORT], check);
        return [{ ...far, recall }];
      });
      if (tried.length === 0) continue;
      const { share, sample } = tried.reduce((worst, one) => (one.recall < worst.recall ? one : worst));
      curves.push({
        kind: `${kind}-far`,
        share,
        curve: timedCurve(own, sample, { inside }, FILTERED_EFFORTS, check),
      });
    }
  }
  return curves;
}

/** The nodes about so many places, those of each in the order of their distance: each a part of the nodes. */
function nearestOf(own: GraphAccess, places: number, check: () => void): (readonly number[])[] {
  const { count } = own.index.header;
  const [rows, allowed] = [count, everything(count)];
  const wanted = Math.ceil((FAR_SHARES['walk-inside'][0] * count) / places);
  return Array.from({ length: places }, (_, i) => {
    check();
    const query = rowOf(own.index, Math.floor(((i + 0.25) * count) / places));
    return inOrder(scanGraph(own, { query, wanted, allowed, rows, scope: 'every' }));
  });
}

/** The queries away from what matches, while a part of all does: the nearest nodes to each place, or all but such. */
function farSample(
  own: GraphAccess,
  queries: readonly SampleQuery[],
  places: readonly (readonly number[])[],
  { part, kind }: { readonly part: number; readonly kind: WalkKind },
  check: () => void,
): { readonly share: number; readonly sample: Sample } | undefined {
  const { count } = own.index.header;
  const allowed = kind === 'walk' ? everything(count) : new Bitset(count);
  const taken = (kind === 'walk' ? 1 - part : part) * (count / places.length);
  for (const near of places) {
    for (const node of near.slice(0, taken)) {
      if (kind === 'walk') allowed.delete(node);
      else allowed.add(node);
    }
  }
  // Places may have nodes in common.
  const share = allowed.count() / count;
  const all = queries.filter((query) => isFar(own, query, allowed, share, kind));
  const away = all.filter((_, i) => i % Math.ceil(all.length / (FILTERED_QUERIES / 2)) === 0);
  return away.length < FAR_QUERIES ? undefined : { share, sample: sampleOf(own, away, allowed, true, check) };
}

/** Whether what matches lies away from a query, as a walk finds it. */
function isFar(
  own: GraphAccess,
  { node, query }: SampleQuery,
  allowed: Bitset,
  share: number,
  kind: WalkKind,
): boolean {
  const { below, above, least, ...shares } = sharesAround(share);
  const effort = CLASSED_EFFORT;
  const around = { ...shares, far: { effort: 0, below }, dense: { effort, above, least, through: false } };
  const rows = own.index.header.count;
  const request: SegmentRequest = { query, wanted: CURVE_LIMIT, allowed, rows, scope: 'filtered' };
  return walkGraph(own, request, { effort, around, inside: kind === 'walk-inside', hidden: node }).about === 'far';
}

/** See DeepRecall. */
function deepRecall(
  own: GraphAccess,
  queries: readonly SampleQuery[],
  curve: EffortCurve,
  hits: number,
  check: () => void,
): DeepRecall {
  const half = queries.filter((_, i) => i % 2 === 0);
  const { requests, truths } = sampleOf(own, half, everything(own.index.header.count), false, check, hits);
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

/** Nodes from all over the segment. Those that are on a higher level are the way to others, and no walk could do without them. */
function sampleQueries(index: HnswIndex): SampleQuery[] {
  const { count } = index.header;
  const { offsets } = index.graph;
  return Array.from({ length: QUERIES }, (_, i) => {
    const first = Math.floor(((i + 0.5) * count) / QUERIES);
    let node = first;
    while (offsets[node + 1] !== offsets[node] && node - first < count) node = (node + 1) % count;
    return { node, query: rowOf(index, node) };
  });
}

function sampleOf(
  own: GraphAccess,
  queries: readonly SampleQuery[],
  allowed: Bitset,
  listed: boolean,
  check: () => void,
  hits = CURVE_LIMIT,
): Sample {
  const rows = own.index.header.count;
  const scope = listed ? 'filtered' : 'every';
  const requests = queries.map(
    ({ node, query }) => ({ node, query, wanted: CURVE_LIMIT, allowed, rows, scope }) as const,
  );
  const truths = requests.map((request) => {
    check();
    // The node itself is one more.
    return nearest(scanGraph(own, { ...request, wanted: hits + 1 }, listed), request.node, hits);
  });
  return { requests, truths };
}

function timedCurve(
  own: GraphAccess,
  { requests, truths }: Sample,
  { inside, atRandom = false }: { readonly inside: boolean; readonly atRandom?: boolean },
  efforts: readonly number[],
  check: () => void,
): EffortCurve {
  const curve: EffortPoint[] = [];
  const isFiltered = requests[0].scope === 'filtered';
  const { quantization } = own.index.header;
  const hole = isFiltered ? 1 : HOLE[quantization];
  const meets = inside && atRandom && quantization === 'binary';
  for (const effort of efforts) {
    check();
    const [times, met]: number[][] = [[], []];
    let [found, wanted, computed, hops] = [0, 0, 0, 0];
    for (const [i, request] of requests.entries()) {
      if (times.length < TIMED_WALKS) disturb(own, request.query, i);
      const started = performance.now();
      const walked = walkGraph(own, request, { effort: Math.ceil(effort * hole), inside, hidden: request.node });
      if (times.length < TIMED_WALKS) times.push((performance.now() - started) * 1000);
      computed += walked.computed;
      hops += walked.hops;
      if (!Number.isNaN(walked.met)) met.push(walked.met);
      wanted += truths[i].length;
      found += foundOf(truths[i], nearest(walked, request.node, CURVE_LIMIT));
    }
    const last = curve.at(-1);
    const recall = Math.max(wanted === 0 ? 1 : found / wanted, last?.recall ?? 0);
    const micros = Math.max(undisturbed(times) / hole, last?.micros ?? 0);
    const each = (sum: number) => sum / hole / requests.length;
    const together = meets && met.length > 0 ? { together: togetherOf(met) } : undefined;
    curve.push({ effort, recall, computed: each(computed), hops: each(hops), micros, ...together });
    if (recall >= (isFiltered ? ENOUGH_FILTERED : ENOUGH)) break;
  }
  return curve;
}

/** Between searches an application does other things, and what they read has to come from farther away than it would at once. */
function disturb({ index, walker }: GraphAccess, query: Float32Array, i: number): void {
  const { count, dimensions } = index.header;
  const length = Math.min(count, Math.ceil(DISTURBANCE_BYTES / (4 * dimensions)));
  const first = (i * length) % (count - length + 1);
  index.scan(query, { limit: 1, walker, nodes: Uint32Array.from({ length }, (_, node) => first + node) });
}

/** See EffortPoint. */
function togetherOf(met: readonly number[]): number {
  const mean = met.reduce((sum, share) => sum + share, 0) / met.length;
  return mean + TOGETHER_BEYOND * (Math.max(...met) - mean);
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

function rowOf(index: HnswIndex, node: number): Float32Array {
  return index.vectorRows(node, 1).slice(0, index.header.dimensions);
}

function everything(count: number): Bitset {
  const all = new Bitset(count);
  for (let node = 0; node < count; node++) all.add(node);
  return all;
}

/** The best of a hand, without the node that the query is. */
function nearest(hand: Hand, query: number, hits: number): number[] {
  return inOrder(hand)
    .filter((node) => node !== query)
    .slice(0, hits);
}

function foundOf(truth: readonly number[], found: readonly number[]): number {
  const right = new Set(truth);
  return found.filter((node) => right.has(node)).length;
}

function inOrder({ records, scores }: Hand): number[] {
  const places = Array.from(records.keys()).sort((a, b) => scores[b] - scores[a] || records[a] - records[b]);
  return places.map((place) => records[place]);
}
