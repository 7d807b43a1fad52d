import {
  EMPTY_HAND,
  inPieces,
  joined,
  scanFlat,
  scanGraph,
  scanStoredNodes,
  walkGraph,
  type About,
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
  /** Whether it was left out, or not searched to the end, as the time was up. */
  readonly skipped: boolean;
  /** Then, the part of what was wanted of it that was found, as far as that is known. Else 1. */
  readonly done: number;
  /** Vectors of an exact scan that should have followed a walk, and would have gone beyond `limits.scanRows`. Else 0. */
  readonly refused: number;
  /** What was the case about the query where a walk began: see EffortAround. */
  readonly about: About;
}

/** Candidates of all segments, each record once, more than wanted perhaps and in no order; and what they cost. */
export interface SegmentsHand {
  readonly records: Uint32Array;
  readonly scores: Float32Array;
  /** One a step; then one for all flat segments. */
  readonly actual: readonly StepActual[];
}

const NOTHING: StepActual = {
  computed: 0,
  hops: 0,
  found: 0,
  micros: 0,
  completed: false,
  skipped: false,
  done: 1,
  refused: 0,
  about: 'usual',
};

/** A segment's candidates, while it is open whether they are to be completed. */
interface Found {
  readonly hand: Hand;
  readonly actual: StepActual;
}

const NO_FLATS: Found = { hand: EMPTY_HAND, actual: NOTHING };
const LEFT_OUT: StepActual = { ...NOTHING, skipped: true, done: 0 };
const SKIPPED: Found = { hand: EMPTY_HAND, actual: LEFT_OUT };

/** What so many sealed segments and the flat ones come to when the time is up before the first. */
export function unsearchedHand(sealed: number): SegmentsHand {
  const { records, scores } = EMPTY_HAND;
  return { records, scores, actual: Array.from({ length: sealed + 1 }, () => LEFT_OUT) };
}

/**
 * How many records of a segment a walk seeks at most when those above a score are wanted. Should all that it finds be above
 * it, there may be more, and an exact scan follows.
 */
export const RANGE_WALKED = 100;

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
  const { wanted, minScore = -Infinity, isLate } = request;
  const flat = scanFlats(flats, request);
  const completion = new Completion(request);
  let found = steps.map((step, i) => (isLate?.() === true ? SKIPPED : searchOne(graphs[i], step, request, completion)));
  const records = found.reduce((sum, { hand }) => sum + hand.records.length, flat.hand.records.length);
  // Of a range, each walk has told whether it came to the end.
  if (records < wanted && minScore === -Infinity) {
    found = found.map((one, i) => (isExact(steps[i]) ? one : completion.of(graphs[i], one)));
  }
  const all = found.reduce((hand, one) => joined(hand, one.hand), flat.hand);
  return { records: all.records, scores: all.scores, actual: [...found.map(({ actual }) => actual), flat.actual] };
}

function scanFlats(flats: readonly FlatIndex[], request: SegmentRequest): Found {
  if (flats.length === 0) return NO_FLATS;
  const size = flats.reduce((sum, index) => sum + index.size, 0);
  return timed(() => {
    let hand = EMPTY_HAND;
    let [passed, cut] = [0, false];
    const begun = inPieces(flats.length, 1, request.isLate, (first, end) => {
      for (const index of flats.slice(first, end)) {
        const found = scanFlat(index, request);
        hand = joined(hand, found);
        passed += found.done * index.size;
        cut ||= found.done < 1;
      }
    });
    return { ...hand, done: cut || begun < 1 ? passed / size : 1 };
  });
}

function searchOne(graph: SearchableGraph, step: SegmentStep, request: SegmentRequest, completion: Completion): Found {
  switch (step.kind) {
    case 'skip':
      return timed(() => EMPTY_HAND);
    case 'scan':
    case 'scan-matching':
      return timed(() => scanExactly(graph, request, step.kind));
    case 'walk':
    case 'walk-inside':
      return walk(graph, step, request, completion);
    default:
      return step satisfies never;
  }
}

function walk(
  graph: SearchableGraph,
  { kind, effort, budget, around }: WalkStep,
  request: SegmentRequest,
  completion: Completion,
): Found {
  const started = performance.now();
  const { minScore = -Infinity } = request;
  const isRange = minScore > -Infinity;
  const wanted = isRange ? Math.min(request.wanted, RANGE_WALKED) : request.wanted;
  const options = { effort, budget, inside: kind === 'walk-inside', around, ties: wanted === request.wanted };
  const hand = walkGraph(graph, wanted === request.wanted ? request : { ...request, wanted }, options);
  const { computed, hops, settled, cut, about, records, scores } = hand;
  const micros = (performance.now() - started) * 1000;
  const part = cut ? Math.min(1, records.length / wanted) : 1;
  const found = records.length;
  const actual = { computed, hops, found, micros, completed: false, skipped: cut, done: part, refused: 0, about };
  const isAll = (wanted === request.wanted && records.length >= wanted) || records.length >= graph.records;
  const isPast = records.length >= wanted && scores.some((score) => score < minScore);
  const isDone = settled && (!isRange || isAll || isPast);
  return isDone || cut ? { hand, actual } : completion.of(graph, { hand, actual });
}

/** The exact scans that follow walks. */
class Completion {
  #left: number;

  constructor(readonly request: SegmentRequest) {
    this.#left = request.mostScanned ?? Infinity;
  }

  /** Puts an exact scan in the place of what a walk found, unless it had one, or there is no time, or too much to be scanned. */
  of(graph: SearchableGraph, one: Found): Found {
    const { request } = this;
    const { actual } = one;
    if (actual.completed || actual.skipped || actual.refused > 0) return one;
    if (request.isLate?.() === true) {
      const done = Math.min(1, one.hand.records.length / (request.wanted + 1));
      return { ...one, actual: { ...actual, skipped: true, done } };
    }
    if (this.#left < Infinity) {
      const { allowed, rows, scope } = request;
      const vectors = graph.index.nodesOf(allowed.words(rows), scope === 'filtered' ? allowed : undefined).length;
      if (vectors > this.#left) return { ...one, actual: { ...actual, refused: vectors } };
      this.#left -= vectors;
    }
    const { hand, actual: scan } = timed(() => scanExactly(graph, request, 'scan-matching'));
    const [computed, micros] = [actual.computed + scan.computed, actual.micros + scan.micros];
    return { hand, actual: { ...scan, computed, hops: actual.hops, micros, completed: true, about: actual.about } };
  }
}

function scanExactly(graph: SearchableGraph, request: SegmentRequest, kind: 'scan' | 'scan-matching'): Hand {
  if (graph.scanStored === undefined) return scanGraph(graph, request, kind === 'scan-matching');
  return kind === 'scan' ? graph.scanStored(request) : scanStoredNodes(graph, request);
}

function timed(search: () => Hand): Found {
  const started = performance.now();
  const hand = search();
  const micros = (performance.now() - started) * 1000;
  const { scored: computed, records, done } = hand;
  const found = records.length;
  return { hand, actual: { ...NOTHING, computed, found, micros, skipped: done < 1, done } };
}
