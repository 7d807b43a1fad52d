import type { SearchScope } from '../indexes/index.js';
import type { SegmentsHand, SegmentStep } from './search-segments.js';

/** One search of one space. */
export interface SharedRequest {
  readonly query: Float32Array;
  readonly wanted: number;
  /** Its place in the task's bitmaps. */
  readonly allowed: number;
  readonly scope: SearchScope;
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
  /** The effort of each step, those of one request after the other; 0 for a scan. */
  readonly efforts: Uint32Array;
}

/** Hands, packed alike. */
export interface PackedHands {
  readonly records: Uint32Array;
  readonly scores: Float32Array;
  /** Where each hand ends in `records` and `scores`. */
  readonly ends: Uint32Array;
  readonly computed: Float64Array;
  readonly hops: Float64Array;
}

const SCOPES: readonly SearchScope[] = ['every', 'living', 'filtered'];

export function packRequests(requests: readonly SharedRequest[], segments: number): PackedRequests {
  const packed = {
    queries: concatenated(requests.map(({ query }) => query)),
    ends: endsOf(requests.map(({ query }) => query.length)),
    wanted: Uint32Array.from(requests, ({ wanted }) => wanted),
    allowed: Uint32Array.from(requests, ({ allowed }) => allowed),
    scopes: Uint8Array.from(requests, ({ scope }) => SCOPES.indexOf(scope)),
    efforts: new Uint32Array(requests.length * segments),
  };
  for (const [i, { steps }] of requests.entries()) {
    for (const [at, step] of steps.entries())
      packed.efforts[i * segments + at] = step.kind === 'walk' ? step.effort : 0;
  }
  return packed;
}

export function unpackRequests(packed: PackedRequests, segments: number): SharedRequest[] {
  const { queries, ends, wanted, allowed, scopes, efforts } = packed;
  return Array.from(ends, (end, i) => ({
    query: queries.subarray(i === 0 ? 0 : ends[i - 1], end),
    wanted: wanted[i],
    allowed: allowed[i],
    scope: SCOPES[scopes[i]],
    steps: Array.from(efforts.subarray(i * segments, (i + 1) * segments), stepOf),
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
    computed: Float64Array.from(hands, ({ computed }) => computed),
    hops: Float64Array.from(hands, ({ hops }) => hops),
  };
}

export function unpackHands({ records, scores, ends, computed, hops }: PackedHands): SegmentsHand[] {
  return Array.from(ends, (end, i) => {
    const first = i === 0 ? 0 : ends[i - 1];
    return {
      records: records.subarray(first, end),
      scores: scores.subarray(first, end),
      computed: computed[i],
      hops: hops[i],
    };
  });
}

function stepOf(effort: number): SegmentStep {
  return effort === 0 ? { kind: 'scan' } : { kind: 'walk', effort };
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
