import type { ParsedQuery } from '../query/index.js';
import { CURVE_LIMIT, type Machines } from '../indexes/index.js';
import type { Quantization } from '../schema/index.js';
import { isExact, type SegmentStep, type VectorSegments } from '../segment/index.js';
import type { StepChoice } from './choose-step.js';
import type { ObservedRecall, QueryKind } from './observed-recall.js';
import { segmentNodeFor, type SegmentNode } from './segment-node.js';
import { scanCost, timesOf, type VectorShape } from './cost-model.js';

/** The recall that a search aims at when the query does not say. */
const DEFAULT_RECALL = 0.95;
/**
 * What a recall was measured with is a sample: so many standard errors are left as a margin, of a mean of queries whose hits are missed
 * together, so that they count as so many fewer. The fewer are missed, the more often all of one query are; the factor is that of .95.
 */
const STANDARD_ERRORS = 1.5;
const MISSED_TOGETHER = 2;
/** The part of what a recall lacks that is a margin at most. */
const MOST_MARGIN = 0.7;
/** Queries that the curves of segments of an earlier version were measured with. */
const EARLIER_QUERIES = 100;
/** So many of the queries measure the curves under filters. */
const FILTERED_PART = 0.6;

/** How the segments of a space are searched, and what is to be expected of it. */
export interface DensePlan {
  readonly steps: readonly SegmentStep[];
  readonly segments: readonly SegmentNode[];
  /** Vectors of flat segments, and what scanning them is expected to take, in microseconds. */
  readonly unsealed: { readonly vectors: number; readonly cost: number };
  readonly exact: boolean;
  /** Whether walks were found to miss more than was measured, which may be why it is exact: see ObservedRecall. */
  readonly doubted: boolean;
  readonly recall: number;
  readonly cost: number;
}

/** The part of the live records that passes the filter, and the rows that its bitmap has bits for. */
export interface MatchingShare {
  readonly share: number;
  readonly filtered: boolean;
  readonly rows: number;
  /** What exact checks found of the recall of the space. */
  readonly observed: ObservedRecall | undefined;
  readonly machines: Machines;
}

/** Records that are sought, and of those how many come back: the last ones, as a page. */
export interface SoughtHits {
  readonly limit: number;
  readonly page: number;
}

/** Chooses for each sealed segment how to search it: see chooseStep. */
export function planDense(
  query: ParsedQuery,
  segments: VectorSegments,
  quantization: Quantization,
  sought: SoughtHits,
  matching: MatchingShare,
): DensePlan {
  const { sealed, flats } = segments.view;
  const { dimensions } = segments.space;
  const nodes = sealed.map((segment): SegmentNode => {
    const shape = { dimensions, quantization, inMemory: segment.keepsVectors };
    return segmentNode(query, shape, segment, sought, matching);
  });
  const shape: VectorShape = { dimensions, quantization, inMemory: true };
  const unsealed = flats.reduce((sum, { index }) => sum + index.size, 0);
  const flatCost = scanCost(shape, timesOf(matching.machines), unsealed, unsealed * matching.share);
  const vectors = Math.max(1, segments.size);
  const lost = nodes.reduce((sum, node) => sum + (1 - node.recall) * (node.vectors / vectors), 0);
  return {
    steps: nodes.map(({ step }) => step),
    segments: nodes,
    unsealed: { vectors: unsealed, cost: flatCost },
    exact: nodes.every(({ step }) => isExact(step)),
    doubted: nodes.length > 0 && !query.exact && matching.observed?.isDoubted(kindOf(matching.filtered)) === true,
    recall: 1 - lost,
    cost: nodes.reduce((sum, { cost }) => sum + cost, flatCost),
  };
}

function segmentNode(
  query: ParsedQuery,
  shape: VectorShape,
  { measured, size }: VectorSegments['view']['sealed'][number],
  { limit, page }: SoughtHits,
  { share, filtered, rows, observed, machines }: MatchingShare,
): SegmentNode {
  const { effort, minRecall = DEFAULT_RECALL, strategy: forced } = query;
  const matching = filtered ? Math.ceil(size * share) : size;
  const kind = kindOf(filtered);
  // What is missed of all moves others onto the page, or leaves it out there.
  const moved = limit / page;
  const ofAll = 1 - (1 - minRecall) / moved;
  const aim = observed === undefined ? ofAll : observed.aimFor(kind, ofAll);
  const recall = aimFor(aim ?? 1, (measured.queries ?? EARLIER_QUERIES) * (filtered ? FILTERED_PART : 1));
  const exact = query.exact || (aim === undefined && effort === undefined && forced === undefined);
  const asked = { exact, effort, recall, limit, forced };
  const times = timesOf(machines, measured.timed);
  const segment = { shape, measured, times, vectors: size, matching, filtered, rows };
  const node = segmentNodeFor({ ...segment, ...asked });
  if (moved === 1 && observed?.isOther(kind) !== true) return node;
  const expected = <Choice extends StepChoice>(choice: Choice) =>
    missing(observed?.expect(kind, choice) ?? choice, moved);
  return { ...expected(node), alternatives: node.alternatives.map(expected) };
}

/** A way to search that misses so many times as much. */
function missing<Choice extends StepChoice>(choice: Choice, times: number): Choice {
  const expected = (recall: number) => Math.max(0, 1 - times * (1 - recall));
  const { recall, recallAbout: about } = choice;
  const recallAbout = about && {
    usual: expected(about.usual),
    far: expected(about.far),
    dense: expected(about.dense),
  };
  return { ...choice, recall: expected(recall), recallAbout };
}

function kindOf(filtered: boolean): QueryKind {
  return filtered ? 'filtered' : 'unfiltered';
}

/** The measured recall to look for, so that `recall` is met. */
function aimFor(recall: number, queries: number): number {
  const lack = 1 - recall;
  if (lack <= 0) return recall;
  const together = MISSED_TOGETHER * Math.sqrt((1 - DEFAULT_RECALL) / lack);
  const error = Math.sqrt((recall * lack * together) / (queries * CURVE_LIMIT));
  return recall + Math.min(MOST_MARGIN * lack, STANDARD_ERRORS * error);
}
