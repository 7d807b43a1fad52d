import {
  expectedDenseWalk,
  expectedFarWalk,
  expectedWalk,
  isDenseMeasured,
  mostWalk,
  rescored,
  sharesAround,
  type About,
  type ExpectedWalk,
  type MeasuredEffort,
  type WalkKind,
} from '../indexes/index.js';
import type { SegmentStep, StepKind, WalkStep } from '../segment/index.js';
import { listedScanCost, scanCost, walkCost, type StepTimes, type VectorShape } from './cost-model.js';

/** What is known of a sealed segment and a query when it is chosen how to search the one for the other. */
export interface StepQuestion {
  readonly shape: VectorShape;
  readonly measured: MeasuredEffort;
  readonly times: StepTimes;
  /** Vectors in the segment, and how many of them are expected to match. */
  readonly vectors: number;
  readonly matching: number;
  /** Whether a filter may leave some out, and the rows that its bitmap has bits for. */
  readonly filtered: boolean;
  readonly rows: number;
  readonly limit: number;
  /** The recall that is wanted, or the effort that was given; `exact` wins over both. */
  readonly exact: boolean;
  readonly recall: number;
  readonly effort: number | undefined;
  /** A step that the query insists on, where it is possible. */
  readonly forced: StepKind | undefined;
}

/** A way to search a segment: its recall, and its cost in microseconds. */
export interface StepChoice {
  readonly step: SegmentStep;
  readonly recall: number;
  /** Of a walk under a filter: the recall by what is the case about the query, which the walk finds out. */
  readonly recallAbout?: Readonly<Record<About, number>>;
  readonly cost: number;
  /** Distances that it is expected to compute. */
  readonly computed: number;
}

/** The way that was chosen, and the others, which cost more or are not what was asked for. */
export interface ChosenStep extends StepChoice {
  readonly alternatives: readonly StepChoice[];
}

/** A walk that has taken so many times what was expected of it gives up, but not before what an exact scan would take. */
const PATIENCE = 3;
/**
 * What matches away from a query lies in other ways than what was measured. Where that lacked x of the recall, glosses outside their
 * category and clusters outside of half of them lack .35 to .53 times the square root of x: .023 for .006, .049 for .008. No less can be told
 * from nothing in a sample.
 */
const FAR_LACK = 0.5;
const FAR_LEAST_LACK = 0.001;
/** What misses more there misses whole places: less is not aimed at. */
const FAR_RECALL = 0.96;
/**
 * A walk through all nodes was measured where a fifth does not match. Where more does not, it may have a long way to go; by bits alone it
 * does not find it in clusters.
 */
const FAR_WALK_SHARE = 0.7;
/** From this recall on, fewer signs are enough that what matches lies away: see sharesAround. */
const STRICT_RECALL = 0.98;
/** Where more match, a walk inside the bitmap does not notice that it is away from the query. */
const INSIDE_SHARE = 0.7;
const NO_BUDGET = 0xffffffff;

/** How to search a sealed segment: of the ways that give the recall, the one that is expected to take the least time. */
export function chooseStep(question: StepQuestion): ChosenStep {
  if (question.filtered && question.matching === 0) return nothingMatches();
  const exact = [passAndCompare(question), ...(question.filtered ? [lookUpAndCompare(question)] : [])];
  const ways = [...exact, ...walksOf(question, exact)];
  const possible = question.exact ? exact : ways;
  const forced = possible.filter(({ step }) => step.kind === question.forced);
  const chosen = cheapest(forced.length > 0 ? forced : possible);
  return { ...chosen, alternatives: ways.filter((way) => way !== chosen) };
}

function walksOf(question: StepQuestion, exact: readonly StepChoice[]): StepChoice[] {
  const inside = question.filtered ? walkInside(question, exact) : undefined;
  // By bits alone, a walk inside the bitmap tells best whether it is in the right place.
  const isBest = inside !== undefined && question.shape.quantization === 'binary' && question.forced !== 'walk';
  const through = isBest ? undefined : walkThenCheck(question, exact);
  return [through, inside].filter((walk) => walk !== undefined);
}

function nothingMatches(): ChosenStep {
  return { step: { kind: 'skip' }, recall: 1, cost: 0, computed: 0, alternatives: [] };
}

/** An exact scan under the bitmap: best where most match, or few vectors are there at all. */
function passAndCompare({ shape, times, vectors, matching }: StepQuestion): StepChoice {
  const cost = scanCost(shape, times, vectors, matching);
  return { step: { kind: 'scan' }, recall: 1, cost, computed: matching };
}

/** An exact scan over what matches: best where little does. */
function lookUpAndCompare({ shape, times, rows, matching }: StepQuestion): StepChoice {
  const cost = listedScanCost(shape, times, rows, matching);
  return { step: { kind: 'scan-matching' }, recall: 1, cost, computed: matching };
}

/** A walk through all nodes, which are checked against the bitmap when they are met: best where most match. */
function walkThenCheck(question: StepQuestion, exact: readonly StepChoice[]): StepChoice | undefined {
  return walked(question, 'walk', exact);
}

/** A walk from matching node to matching node: best between the two, and where what matches lies together. */
function walkInside(question: StepQuestion, exact: readonly StepChoice[]): StepChoice | undefined {
  return walked(question, 'walk-inside', exact);
}

function walked(question: StepQuestion, kind: WalkKind, exact: readonly StepChoice[]): StepChoice | undefined {
  const { shape, measured, times, vectors, matching, filtered, recall, effort, limit, forced } = question;
  // Whether the rows that match are as near to the query as others is not known: see `completion` in search-segments.
  const share = filtered ? Math.max(1, matching) / vectors : 1;
  if (kind === 'walk-inside' && share > INSIDE_SHARE && forced !== kind) return undefined;
  const asked = { recall, effort, limit };
  // One that the query insists on is possible where none gives the recall, too, and where it was not measured. It says what it gives.
  const insisted = () => mostWalk(measured, kind, share, limit) ?? expectedWalk(measured, 'walk', 1, asked);
  const expected = expectedWalk(measured, kind, share, asked) ?? (forced === kind ? insisted() : undefined);
  if (expected === undefined) return undefined;
  const computed = Math.min(vectors, expected.computed);
  const hops = Math.min(vectors, expected.hops);
  const read = shape.inMemory ? 0 : rescored(shape.quantization, limit, limit + 1, true);
  const cost = walkCost(shape, times, { computed, hops, micros: expected.micros, read });
  if (!filtered) {
    return { step: { kind, effort: expected.effort, budget: NO_BUDGET }, recall: expected.recall, cost, computed };
  }
  const { recallAbout, ...tolerance } = toleranceOf(question, kind, share, expected, cheapest(exact).cost / cost);
  const step = { kind, effort: expected.effort, ...tolerance };
  return { step, recall: expected.recall, recallAbout, cost, computed };
}

/**
 * What a walk under a filter is to do where what matches lies away from the query, or all about it, and when it is to give up: an
 * exact scan takes `instead` times as long as what is expected of it.
 */
function toleranceOf(
  question: StepQuestion,
  kind: WalkKind,
  share: number,
  usual: ExpectedWalk,
  instead: number,
): Pick<WalkStep, 'budget' | 'around'> & Pick<StepChoice, 'recallAbout'> {
  // A walk that is not known to give the recall gives up at once, for an exact scan.
  const far = farWalk(question, kind, share);
  const dense = denseWalk(question, kind, share, usual);
  const counted = ({ computed, hops }: ExpectedWalk) => computed + (kind === 'walk-inside' ? hops : 0);
  const most = Math.max(...[usual, far, dense].map((walk) => (walk === undefined ? 0 : PATIENCE * counted(walk))));
  const budget = Math.min(NO_BUDGET, Math.ceil(Math.max(most, instead * counted(usual))));
  const bits = question.shape.quantization === 'binary';
  const strict = question.recall >= STRICT_RECALL;
  const { below, above, least, ...shares } = sharesAround(share, { strict, bits, together: usual.together });
  const around = {
    ...shares,
    // Few matches about a query may be chance, too: no less than elsewhere.
    far: { effort: far === undefined ? 0 : Math.max(usual.effort, far.effort), below },
    dense: { effort: dense?.effort ?? 0, above, least, through: (bits || strict) && kind === 'walk-inside' },
  };
  return { budget, around, recallAbout: { usual: usual.recall, far: far?.recall ?? 1, dense: dense?.recall ?? 1 } };
}

/** What to expect where what matches lies away from the query; undefined: no walk is known to give the recall there. */
function farWalk(
  { shape, measured, recall, effort, limit }: StepQuestion,
  kind: WalkKind,
  share: number,
): ExpectedWalk | undefined {
  if (kind === 'walk' && (share < FAR_WALK_SHARE || shape.quantization === 'binary')) return undefined;
  const aim = 1 - Math.max(recall, FAR_RECALL);
  const lack = Math.min(aim, (aim / FAR_LACK) ** 2);
  if (effort === undefined && lack < FAR_LEAST_LACK) return undefined;
  const far = expectedFarWalk(measured, kind, share, { recall: 1 - lack, effort, limit });
  if (far === undefined) return undefined;
  const lacking = Math.max(FAR_LEAST_LACK, 1 - far.recall);
  return { ...far, recall: 1 - Math.max(lacking, FAR_LACK * Math.sqrt(lacking)) };
}

/**
 * Where all about the query matches, a walk takes what was measured for that; where nothing was, what it would without a filter, whatever
 * it takes elsewhere: on clusters and glosses it then misses .2 to 1.2 times as much.
 */
function denseWalk(
  question: StepQuestion,
  kind: WalkKind,
  share: number,
  usual: ExpectedWalk,
): ExpectedWalk | undefined {
  const { measured, recall, effort, limit, shape } = question;
  const isStrict = recall >= STRICT_RECALL || shape.quantization === 'binary';
  if (kind === 'walk-inside' && !isStrict && isDenseMeasured(measured)) {
    return expectedDenseWalk(measured, share, question);
  }
  const unfiltered = expectedWalk(measured, 'walk', 1, { recall, effort, limit });
  if (unfiltered === undefined || !isStrict) return unfiltered;
  // Of few that are missed, more may be on account of the filter, and by bits alone it makes more difference.
  const least = Math.max(usual.effort, unfiltered.effort);
  const dense = expectedWalk(measured, 'walk', 1, { recall, effort: least, limit });
  return dense && { ...dense, recall: Math.min(dense.recall, usual.recall) };
}

function cheapest(ways: readonly StepChoice[]): StepChoice {
  // Of two that cost the same, the exact one comes first.
  return ways.reduce((best, way) => (way.cost < best.cost ? way : best));
}
