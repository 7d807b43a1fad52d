import type { EffortAround } from './hnsw/hnsw-options.js';
import {
  CURVE_LIMIT,
  computedAt,
  effortFor,
  microsAt,
  recallAt,
  togetherAt,
  type EffortCurve,
} from './effort-curve.js';

/** How a graph is walked: through all nodes, or inside the bitmap of those that match. */
export type WalkKind = 'walk' | 'walk-inside';

/**
 * `-far`: what matches lies together in many places, and away from the query; `-dense`: the query is in the midst of one. Otherwise it is
 * chosen at random.
 */
export type MeasuredKind = WalkKind | `${WalkKind}-far` | 'walk-inside-dense';

/** Matches that are expected among the nodes that are looked at about a query: enough to tell a half of them from chance. */
const MATCHES_AROUND = 16;

/** The shares that say what is the case about a query: see EffortAround. */
export type SharesAround = Pick<EffortAround, 'nodes' | 'inside' | 'outside'> & {
  readonly below: number;
  readonly above: number;
  readonly least: number;
};

/**
 * What a walk looks at about a query while `share` of the vectors match, and the shares there and on its way that are not by chance. On
 * GloVe and clusters, with a half matching at random, .39 to .57 of the nodes that a walk visits match, and inside a bitmap .31 to .46 of
 * their neighbours that are new; with half of the clusters matching, .56 or more of these. `strict`: where what is right is to be met for
 * nearly every query, more of those that are as usual are taken for such that are not. `together`: what was measured of the neighbours.
 *
 * A walk may be led to a wrong place, where all matches and nothing is near, by binary codes above all (`bits`). From there it visits up to
 * .54 of matches where half of all match, .26 where a tenth does, and else nearly nothing but matches.
 */
export function sharesAround(
  share: number,
  { strict = false, bits = false, together }: { strict?: boolean; bits?: boolean; together?: number } = {},
): SharesAround {
  const most = (1 + share) / 2;
  const outside = (strict ? 0.9 : 0.8) * share;
  return {
    nodes: Math.ceil(MATCHES_AROUND / share),
    below: share / 2,
    above: strict ? Math.max(0.9, most) : Math.min(2 * share, most),
    outside,
    inside: together ?? (strict ? share : Math.min(1.15 * share, most)),
    least: bits || strict ? (1 + 2 * share) / 3 : outside,
  };
}

/** What walks gave while a share of the vectors matched. */
export interface FilteredCurve {
  readonly kind: MeasuredKind;
  /** Above 0, below 1. */
  readonly share: number;
  readonly curve: EffortCurve;
}

/** What an exact scan of so many vectors that match took, in microseconds: the lower quartile. */
export interface ScanPoint {
  readonly matching: number;
  readonly micros: number;
}

/** What exact scans took on the machine that made the graph, by ascending numbers of vectors that match. */
export interface MeasuredTimes {
  /** See Machines. */
  readonly machine: string;
  /** All vectors passed in order, and those that match looked up. */
  readonly scan: readonly ScanPoint[];
  readonly scanMatching: readonly ScanPoint[];
}

/** Of `hits`, a walk with effort in proportion misses `times` the part that it misses of ten: more than 1 under `dot` above all. */
export interface DeepRecall {
  readonly hits: number;
  readonly times: number;
}

/** What was measured when a graph was made. */
export interface MeasuredEffort {
  /** Without a filter. */
  readonly curve: EffortCurve;
  /** Queries that the first curve was measured with; the others with somewhat fewer. Absent in segments of an earlier version. */
  readonly queries?: number;
  /** Absent in segments of an earlier version, and in tiny ones. */
  readonly deep?: DeepRecall;
  /** Absent in segments of an earlier version, and in small ones. */
  readonly filtered?: readonly FilteredCurve[];
  /** Absent in segments of an earlier version. */
  readonly timed?: MeasuredTimes;
}

/** What a walk is expected to give and to take. */
export interface ExpectedWalk {
  readonly effort: number;
  readonly recall: number;
  readonly computed: number;
  readonly hops: number;
  /** On the machine that made the graph, in microseconds; undefined where that was not measured. */
  readonly micros: number | undefined;
  /** See EffortPoint. */
  readonly together?: number;
}

/** What is asked of a walk: a recall, or an effort. */
export interface WalkQuestion {
  readonly recall: number;
  readonly effort: number | undefined;
  readonly limit: number;
}

/**
 * What to expect of a walk while `share` of the vectors match: between the two measured shares around it, in proportion to
 * the logarithm of the share; undefined where none was measured near it, or none gives the recall.
 */
export function expectedWalk(
  measured: MeasuredEffort,
  kind: MeasuredKind,
  share: number,
  question: WalkQuestion,
): ExpectedWalk | undefined {
  const curves = curvesOf(measured, kind);
  const above = curves.find((curve) => curve.share >= share) ?? curves.at(-1);
  const below = curves.findLast((curve) => curve.share <= share);
  if (above === undefined) return undefined;
  if (below === undefined) {
    // Between what was measured and nothing, a walk through all nodes takes longer in proportion.
    return kind === 'walk' ? longer(along(measured, above.curve, question), above.share / share) : undefined;
  }
  const [from, to] = [along(measured, below.curve, question), along(measured, above.curve, question)];
  if (from === undefined || to === undefined) return undefined;
  const place = above.share > below.share ? Math.log(share / below.share) / Math.log(above.share / below.share) : 0;
  return between(from, to, Math.min(1, place));
}

/** As expectedWalk, where what matches lies away from the query; the nearest measured share stands for others. */
export function expectedFarWalk(
  measured: MeasuredEffort,
  kind: WalkKind,
  share: number,
  question: WalkQuestion,
): ExpectedWalk | undefined {
  return atNearestShare(measured, `${kind}-far`, share, question);
}

/** Whether it was measured what walks find where what matches lies all about the query. */
export function isDenseMeasured(measured: MeasuredEffort): boolean {
  return curvesOf(measured, 'walk-inside-dense').length > 0;
}

/** As expectedFarWalk, where what matches lies all about the query. */
export function expectedDenseWalk(
  measured: MeasuredEffort,
  share: number,
  question: WalkQuestion,
): ExpectedWalk | undefined {
  return atNearestShare(measured, 'walk-inside-dense', share, question);
}

/** The walk with the greatest effort that was measured, at the measured share that is nearest; undefined where none was. */
export function mostWalk(
  measured: MeasuredEffort,
  kind: WalkKind,
  share: number,
  limit: number,
): ExpectedWalk | undefined {
  const points = curvesOf(measured, kind).flatMap(({ curve }) => curve);
  const most = Math.max(...points.map(({ effort }) => effort));
  const effort = Math.ceil((most * Math.max(limit, CURVE_LIMIT)) / CURVE_LIMIT);
  return atNearestShare(measured, kind, share, { recall: 1, effort, limit });
}

function atNearestShare(
  measured: MeasuredEffort,
  kind: MeasuredKind,
  share: number,
  question: WalkQuestion,
): ExpectedWalk | undefined {
  const shares = curvesOf(measured, kind).map((curve) => curve.share);
  if (shares.length === 0) return undefined;
  return expectedWalk(measured, kind, Math.max(shares[0], Math.min(share, shares[shares.length - 1])), question);
}

const sorted = new WeakMap<MeasuredEffort, Map<MeasuredKind, readonly FilteredCurve[]>>();

/** The curves of a kind by ascending share; kept, as every plan asks for them. */
function curvesOf(measured: MeasuredEffort, kind: MeasuredKind): readonly FilteredCurve[] {
  let known = sorted.get(measured);
  if (known === undefined) sorted.set(measured, (known = new Map()));
  let curves = known.get(kind);
  if (curves === undefined) {
    const { curve, filtered = [] } = measured;
    const every: FilteredCurve[] = kind === 'walk' ? [{ kind, share: 1, curve }] : [];
    curves = [...filtered.filter((one) => one.kind === kind), ...every].sort((one, other) => one.share - other.share);
    known.set(kind, curves);
  }
  return curves;
}

/** How many times the part of ten that is missed is missed of more hits. */
function deepTimes({ deep }: MeasuredEffort, limit: number): number {
  if (deep === undefined || limit <= CURVE_LIMIT) return 1;
  return deep.times ** (Math.log(limit / CURVE_LIMIT) / Math.log(deep.hits / CURVE_LIMIT));
}

function along(
  measured: MeasuredEffort,
  curve: EffortCurve,
  { recall, effort, limit }: WalkQuestion,
): ExpectedWalk | undefined {
  const times = deepTimes(measured, limit);
  const ofTen = 1 - (1 - recall) / times;
  const chosen = effort === undefined ? effortFor(curve, ofTen, limit) : Math.max(effort, limit);
  if (chosen === undefined) return undefined;
  // The curve is of ten hits, and more hits take more effort in proportion.
  const asTen = (chosen * 10) / Math.max(limit, 10);
  const computed = computedAt(curve, chosen);
  const [hops, micros, together] = [hopsAt(curve, chosen), microsAt(curve, chosen), togetherAt(curve, asTen)];
  const expected = Math.max(0, 1 - times * (1 - recallAt(curve, asTen)));
  return { effort: chosen, recall: expected, computed, hops, micros, together };
}

/** Nodes whose links a walk follows, of the measured point that is nearest in effort. */
function hopsAt(curve: EffortCurve, effort: number): number {
  const point = curve.find((measured) => measured.effort >= effort) ?? curve[curve.length - 1];
  return (point.hops ?? point.effort) * (effort / point.effort);
}

function between(from: ExpectedWalk, to: ExpectedWalk, place: number): ExpectedWalk {
  const geometric = (a: number, b: number) => Math.max(1, a) ** (1 - place) * Math.max(1, b) ** place;
  const linear = (a: number, b: number) => a * (1 - place) + b * place;
  const isKnown = from.together !== undefined && to.together !== undefined;
  return {
    effort: Math.ceil(geometric(from.effort, to.effort)),
    recall: linear(from.recall, to.recall),
    computed: geometric(from.computed, to.computed),
    hops: geometric(from.hops, to.hops),
    micros: from.micros === undefined || to.micros === undefined ? undefined : geometric(from.micros, to.micros),
    together: isKnown ? linear(from.together, to.together) : undefined,
  };
}

function longer(walk: ExpectedWalk | undefined, times: number): ExpectedWalk | undefined {
  if (walk === undefined) return undefined;
  const { computed, hops, micros } = walk;
  return { ...walk, computed: computed * times, hops: hops * times, micros: micros && micros * times };
}
