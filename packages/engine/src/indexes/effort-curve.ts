/** What a walk with some effort (ef) gave on a sample of queries: recall@10, and distances computed on average. */
export interface EffortPoint {
  readonly effort: number;
  readonly recall: number;
  readonly computed: number;
  /** Nodes whose links were followed, on average; absent in segments of an earlier version. */
  readonly hops?: number;
  /** What that took on the machine that made the graph, in microseconds: the lower quartile; absent in segments of an earlier version. */
  readonly micros?: number;
  /**
   * Inside a bitmap of nodes chosen at random, over binary codes: hardly any walk finds a greater share of the new neighbours matching. Where
   * one does, what matches lies together. Absent in segments of an earlier version.
   */
  readonly together?: number;
}

/** Points of ascending effort, measured when a graph was made. */
export type EffortCurve = readonly EffortPoint[];

/** The number of hits that a curve's recall is measured for. */
export const CURVE_LIMIT = 10;

/** The efforts that are measured. */
export const CURVE_EFFORTS: readonly number[] = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];

/** The recall to expect of an effort, between measured points in proportion to the logarithm of the effort. */
export function recallAt(curve: EffortCurve, effort: number): number {
  return at(curve, effort, ({ recall }) => recall);
}

/** Distances that a walk with an effort computes. Beyond the last point they grow in proportion. */
export function computedAt(curve: EffortCurve, effort: number): number {
  const last = curve[curve.length - 1];
  if (effort > last.effort) return (last.computed * effort) / last.effort;
  return at(curve, effort, ({ computed }) => computed);
}

/** What a walk with an effort takes, in microseconds, if that was measured; beyond the last point in proportion. */
export function microsAt(curve: EffortCurve, effort: number): number | undefined {
  if (curve.some(({ micros }) => micros === undefined)) return undefined;
  const last = curve[curve.length - 1];
  if (effort > last.effort) return (last.micros! * effort) / last.effort;
  return at(curve, effort, ({ micros }) => micros!);
}

/** See EffortPoint. */
export function togetherAt(curve: EffortCurve, effort: number): number | undefined {
  if (curve.some(({ together }) => together === undefined)) return undefined;
  return at(curve, effort, ({ together }) => together!);
}

/**
 * The least effort whose expected recall reaches `recall` for `limit` hits, or undefined when none that was measured does.
 * The curve is of 10 hits: more hits need more effort in proportion.
 */
export function effortFor(curve: EffortCurve, recall: number, limit: number): number | undefined {
  const place = curve.findIndex((point) => point.recall >= recall);
  if (place < 0) return undefined;
  const point = curve[place];
  let effort = point.effort;
  if (place > 0) {
    const before = curve[place - 1];
    const share = (recall - before.recall) / (point.recall - before.recall);
    effort = Math.ceil(before.effort * (point.effort / before.effort) ** share);
  }
  return Math.max(limit, Math.ceil((effort * Math.max(limit, CURVE_LIMIT)) / CURVE_LIMIT));
}

function at(curve: EffortCurve, effort: number, value: (point: EffortPoint) => number): number {
  const place = curve.findIndex((point) => point.effort >= effort);
  if (place < 0) return value(curve[curve.length - 1]);
  if (place === 0 || curve[place].effort === effort) return value(curve[place]);
  const [before, after] = [curve[place - 1], curve[place]];
  const share = Math.log(effort / before.effort) / Math.log(after.effort / before.effort);
  return value(before) + share * (value(after) - value(before));
}
