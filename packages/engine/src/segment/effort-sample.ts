import {
  Bitset,
  CURVE_LIMIT,
  rank,
  walkGraph,
  type EffortAround,
  type EffortCurve,
  type EffortPoint,
  type GraphAccess,
  type Hand,
  type HnswIndex,
  type SegmentRequest,
} from '../indexes/index.js';
import { undisturbed } from './timing.js';

/** The efforts that are measured under a filter. Beyond, an exact scan of what matches takes no longer (GloVe, 340 000 rows, a fifth of them). */
export const FILTERED_EFFORTS = [16, 32, 64, 128, 256];
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
export const HOLE = { none: 1.15, int8: 1.15, binary: 1 } as const;

/** Of the share of matches that walks meet: so many times as far from the mean as the farthest of the sample, none is expected. */
const TOGETHER_BEYOND = 1.5;

/** Walks of each effort that are timed, and bytes that are read between them: more than the nearest caches hold. */
const TIMED_WALKS = 24;
const DISTURBANCE_BYTES = 2 * 1024 * 1024;

/** A query of the sample: a vector of the segment, and its node. */
export interface SampleQuery {
  readonly node: number;
  readonly query: Float32Array;
}

/** A sample of queries over the vectors that are allowed, with their exact answers. */
export interface Sample {
  readonly requests: readonly (SegmentRequest & { readonly node: number })[];
  /** Nodes, the nearest first. */
  readonly truths: readonly (readonly number[])[];
}

/** A sample of queries over all vectors, or over those that are allowed. */
export function sampleOf(
  own: GraphAccess,
  queries: readonly SampleQuery[],
  allowed: Bitset | undefined,
  check: () => void,
  hits = CURVE_LIMIT,
): Sample {
  const rows = own.index.header.count;
  const all = allowed ?? Bitset.below(rows);
  const scope = allowed === undefined ? 'every' : 'filtered';
  const requests = queries.map(
    ({ node, query }) => ({ node, query, wanted: CURVE_LIMIT, allowed: all, rows, scope }) as const,
  );
  const vectors = queries.map(({ query }) => query);
  // The node itself is one more.
  const found = own.index.scanMany(own.walker, vectors, { limit: hits + 1, allowed: allowed?.words(rows), check });
  const truths = found.map((nodes, i) => Array.from(nodes.filter((node) => node !== queries[i].node)).slice(0, hits));
  return { requests, truths };
}

/** How the walks of a sample are made. */
interface SampledWalks {
  readonly inside: boolean;
  /** Whether what matches is chosen at random. */
  readonly atRandom?: boolean;
  /** See SearchOptions.around; by the effort. */
  readonly aroundAt?: (effort: number) => EffortAround;
}

/** What walks give on a sample for ascending efforts, and what they take. */
export function timedCurve(
  own: GraphAccess,
  { requests, truths }: Sample,
  { inside, atRandom = false, aroundAt }: SampledWalks,
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
      const truth = truths[i].slice(0, CURVE_LIMIT);
      if (times.length < TIMED_WALKS) disturb(own, request.query, i);
      const started = performance.now();
      const options = { effort: Math.ceil(effort * hole), inside, around: aroundAt?.(effort), hidden: request.node };
      const walked = walkGraph(own, request, options);
      if (times.length < TIMED_WALKS) times.push((performance.now() - started) * 1000);
      computed += walked.computed;
      hops += walked.hops;
      if (!Number.isNaN(walked.met)) met.push(walked.met);
      wanted += truth.length;
      found += foundOf(truth, nearest(walked, request.node, CURVE_LIMIT));
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

/** Whether a node is on no higher level: those are the way to others, and no walk could do without them. */
export function isOnLevelZero({ graph }: HnswIndex, node: number): boolean {
  return graph.offsets[node + 1] === graph.offsets[node];
}

export function rowOf(index: HnswIndex, node: number): Float32Array {
  return index.vectorRows(node, 1).slice(0, index.header.dimensions);
}

/** The best of a hand, without the node that the query is. */
export function nearest({ records, scores }: Hand, query: number, hits: number): number[] {
  const { records: nodes } = rank(records, scores, records.length, (a, b) => a - b);
  return Array.from(nodes.filter((node) => node !== query)).slice(0, hits);
}

export function foundOf(truth: readonly number[], found: readonly number[]): number {
  const right = new Set(truth);
  return found.filter((node) => right.has(node)).length;
}
