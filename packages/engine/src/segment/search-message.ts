import type { About, SearchScope } from '../indexes/index.js';
import type { SegmentsHand, StepActual } from './search-segments.js';
import type { SegmentStep, StepKind, WalkStep } from './segment-step.js';

/** One search of one space. */
export interface SharedRequest {
  readonly query: Float32Array;
  readonly wanted: number;
  /** Its place in the task's bitmaps. */
  readonly allowed: number;
  readonly scope: SearchScope;
  /** See SegmentRequest; -Infinity for any, and Infinity for any number. */
  readonly minScore: number;
  readonly mostScanned: number;
  readonly deadline: number;
  /** A step for each sealed segment. */
  readonly steps: readonly SegmentStep[];
}

/**
 * Requests as a few flat arrays: cloning an object and its arrays for each search would take a tenth of the time that a
 * search takes.
 */
export interface PackedRequests {
  readonly queries: Float32Array;
  /** Where each query ends in `queries`. */
  readonly ends: Uint32Array;
  readonly wanted: Uint32Array;
  readonly allowed: Uint32Array;
  readonly scopes: Uint8Array;
  /** The numbers of a request that are no integers, or may be Infinity: LIMIT_NUMBERS each. */
  readonly limits: Float64Array;
  /** What each step is, those of one request after the other: its kind, and its numbers. */
  readonly steps: Float64Array;
}

/** Hands, packed alike. */
export interface PackedHands {
  readonly records: Uint32Array;
  readonly scores: Float32Array;
  /** Where each hand ends in `records` and `scores`. */
  readonly ends: Uint32Array;
  /** What each step came to, with ACTUAL_NUMBERS numbers. */
  readonly actual: Float64Array;
}

const STEP_NUMBERS = 12;
const LIMIT_NUMBERS = 3;
const ACTUAL_NUMBERS = 9;
const KINDS: readonly StepKind[] = ['skip', 'scan', 'scan-matching', 'walk', 'walk-inside'];
const ABOUT: readonly About[] = ['usual', 'far', 'dense'];
const SCOPES: readonly SearchScope[] = ['every', 'living', 'filtered'];

export function packRequests(requests: readonly SharedRequest[], segments: number): PackedRequests {
  const packed = {
    queries: concatenated(requests.map(({ query }) => query)),
    ends: endsOf(requests.map(({ query }) => query.length)),
    wanted: Uint32Array.from(requests, ({ wanted }) => wanted),
    allowed: Uint32Array.from(requests, ({ allowed }) => allowed),
    scopes: Uint8Array.from(requests, ({ scope }) => SCOPES.indexOf(scope)),
    limits: Float64Array.from(
      requests.flatMap(({ minScore, mostScanned, deadline }) => [minScore, mostScanned, deadline]),
    ),
    steps: new Float64Array(requests.length * segments * STEP_NUMBERS),
  };
  for (const [i, { steps }] of requests.entries()) {
    for (const [at, step] of steps.entries()) {
      const numbers = 'effort' in step ? [step.effort, step.budget, ...aroundNumbers(step)] : [];
      packed.steps.set([KINDS.indexOf(step.kind), ...numbers], (i * segments + at) * STEP_NUMBERS);
    }
  }
  return packed;
}

export function unpackRequests(packed: PackedRequests, segments: number): SharedRequest[] {
  const { queries, ends, wanted, allowed, scopes, limits, steps } = packed;
  return Array.from(ends, (end, i) => ({
    query: queries.subarray(i === 0 ? 0 : ends[i - 1], end),
    wanted: wanted[i],
    allowed: allowed[i],
    scope: SCOPES[scopes[i]],
    minScore: limits[i * LIMIT_NUMBERS],
    mostScanned: limits[i * LIMIT_NUMBERS + 1],
    deadline: limits[i * LIMIT_NUMBERS + 2],
    steps: Array.from({ length: segments }, (_, at) => stepOf(steps, (i * segments + at) * STEP_NUMBERS)),
  }));
}

export function packHands(hands: readonly SegmentsHand[]): PackedHands {
  const scores = concatenated(hands.map((hand) => hand.scores));
  const records = new Uint32Array(scores.length);
  let at = 0;
  for (const hand of hands) {
    records.set(hand.records, at);
    at += hand.records.length;
  }
  return {
    records,
    scores,
    ends: endsOf(hands.map((hand) => hand.records.length)),
    actual: Float64Array.from(hands.flatMap(({ actual }) => actual.flatMap(numbersOf))),
  };
}

export function unpackHands({ records, scores, ends, actual }: PackedHands): SegmentsHand[] {
  const numbers = ends.length === 0 ? 0 : actual.length / ends.length;
  return Array.from(ends, (end, i) => {
    const first = i === 0 ? 0 : ends[i - 1];
    return {
      records: records.subarray(first, end),
      scores: scores.subarray(first, end),
      actual: Array.from({ length: numbers / ACTUAL_NUMBERS }, (_, at) =>
        actualOf(actual, i * numbers + at * ACTUAL_NUMBERS),
      ),
    };
  });
}

function numbersOf({ completed, skipped, about, ...rest }: StepActual): number[] {
  const { computed, hops, found, micros, done, refused } = rest;
  return [computed, hops, found, micros, Number(completed), Number(skipped), done, refused, ABOUT.indexOf(about)];
}

function actualOf(numbers: Float64Array, at: number): StepActual {
  const [computed, hops, found, micros, ...rest] = numbers.subarray(at, at + ACTUAL_NUMBERS);
  const [completed, skipped, done, refused, about] = rest;
  const flags = { completed: completed === 1, skipped: skipped === 1, about: ABOUT[about] };
  return { computed, hops, found, micros, ...flags, done, refused };
}

/** Without them, the share above which many match is 0, which it is never otherwise. */
function aroundNumbers({ around }: WalkStep): number[] {
  if (around === undefined) return [];
  const { nodes, outside, inside, far, dense } = around;
  const many = [dense.effort, dense.above, dense.least, Number(dense.through)];
  return [nodes, outside, inside, far.effort, far.below, ...many];
}

function stepOf(numbers: Float64Array, at: number): SegmentStep {
  const kind = KINDS[numbers[at]];
  const [effort, budget, nodes, outside, inside, ...rest] = numbers.subarray(at + 1, at + STEP_NUMBERS);
  switch (kind) {
    case 'walk':
    case 'walk-inside': {
      const [far, below, dense, above, least, through] = rest;
      if (above === 0) return { kind, effort, budget };
      const about = {
        far: { effort: far, below },
        dense: { effort: dense, above, least, through: through === 1 },
      };
      return { kind, effort, budget, around: { nodes, outside, inside, ...about } };
    }
    default:
      return { kind };
  }
}

function endsOf(lengths: readonly number[]): Uint32Array {
  let end = 0;
  return Uint32Array.from(lengths, (length) => (end += length));
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
