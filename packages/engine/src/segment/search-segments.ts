import {
  EMPTY_HAND,
  joined,
  scanFlat,
  scanGraph,
  scanStoredNodes,
  walkGraph,
  type FlatIndex,
  type GraphAccess,
  type Hand,
  type SegmentRequest,
} from '../indexes/index.js';
import { isExact, type SegmentStep, type WalkStep } from './segment-step.js';

/** A sealed segment as one thread sees it, with its exact scan, which may read the file. */
export interface SearchableGraph extends GraphAccess {
  /** Given where the full-precision vectors stay in the file. */
  readonly scanStored: ((request: SegmentRequest) => Hand) | undefined;
}

/** What the search of one segment came to. */
export interface StepActual {
  /** Distances computed, and nodes whose links were followed. */
  readonly computed: number;
  readonly hops: number;
  /** Records that it brought. */
  readonly found: number;
  readonly micros: number;
  /** Whether a walk was followed by an exact scan of the same segment. */
  readonly completed: boolean;
  /** Whether it was left out, or not completed, as the time was up. */
  readonly skipped: boolean;
}

/** Candidates of all segments, each record once, more than wanted perhaps and in no order; and what they cost. */
export interface SegmentsHand {
  readonly records: Uint32Array;
  readonly scores: Float32Array;
  /** One a step; then one for all flat segments. */
  readonly actual: readonly StepActual[];
}

const NOTHING: StepActual = { computed: 0, hops: 0, found: 0, micros: 0, completed: false, skipped: false };

/** A segment's candidates, while it is open whether they are to be completed. */
interface Found {
  readonly hand: Hand;
  readonly actual: StepActual;
}

const SKIPPED: Found = { hand: EMPTY_HAND, actual: { ...NOTHING, skipped: true } };

/**
 * Searches sealed segments as `steps` say, in their order, and scans flat ones. A walk that does not settle, and all walks when
 * together they leave fewer records than are wanted, are followed by exact scans of their segments: a search never returns
 * less than there is.
 */
export function searchSegments(
  graphs: readonly SearchableGraph[],
  steps: readonly SegmentStep[],
  flats: readonly FlatIndex[],
  request: SegmentRequest,
): SegmentsHand {
  const flat = timed(() => flats.reduce((hand, index) => joined(hand, scanFlat(index, request)), EMPTY_HAND));
  const { deadline = Infinity } = request;
  const isLate = () => deadline < Infinity && Date.now() > deadline;
  let found = steps.map((step, i) => (isLate() ? SKIPPED : searchOne(graphs[i], step, request)));
  const records = found.reduce((sum, { hand }) => sum + hand.records.length, flat.hand.records.length);
  if (records < request.wanted) {
    found = found.map((one, i) => {
      if (isExact(steps[i]) || one.actual.completed || one === SKIPPED) return one;
      return isLate() ? { ...one, actual: { ...one.actual, skipped: true } } : complete(graphs[i], request, one);
    });
  }
  const all = found.reduce((hand, one) => joined(hand, one.hand), flat.hand);
  return { records: all.records, scores: all.scores, actual: [...found.map(({ actual }) => actual), flat.actual] };
}

function searchOne(graph: SearchableGraph, step: SegmentStep, request: SegmentRequest): Found {
  switch (step.kind) {
    case 'skip':
      return timed(() => EMPTY_HAND);
    case 'scan':
    case 'scan-matching':
      return timed(() => scanExactly(graph, request, step.kind));
    case 'walk':
    case 'walk-inside':
      return walk(graph, step, request);
    default:
      return step satisfies never;
  }
}

function walk(graph: SearchableGraph, { kind, effort, budget, around }: WalkStep, request: SegmentRequest): Found {
  const started = performance.now();
  const hand = walkGraph(graph, request, { effort, budget, inside: kind === 'walk-inside', around });
  const { computed, hops, settled, records } = hand;
  const micros = (performance.now() - started) * 1000;
  const walked = { hand, actual: { ...NOTHING, computed, hops, found: records.length, micros } };
  return settled ? walked : complete(graph, request, walked);
}

/** Puts an exact scan in the place of what a walk found. */
function complete(graph: SearchableGraph, request: SegmentRequest, { actual }: Found): Found {
  const { hand, actual: scan } = timed(() => scanExactly(graph, request, 'scan-matching'));
  const [computed, micros] = [actual.computed + scan.computed, actual.micros + scan.micros];
  return { hand, actual: { ...scan, computed, hops: actual.hops, micros, completed: true } };
}

function scanExactly(graph: SearchableGraph, request: SegmentRequest, kind: 'scan' | 'scan-matching'): Hand {
  if (graph.scanStored === undefined) return scanGraph(graph, request, kind === 'scan-matching');
  return kind === 'scan' ? graph.scanStored(request) : scanStoredNodes(graph, request);
}

function timed(search: () => Hand): Found {
  const started = performance.now();
  const hand = search();
  const micros = (performance.now() - started) * 1000;
  return { hand, actual: { ...NOTHING, computed: hand.scored, found: hand.records.length, micros } };
}
