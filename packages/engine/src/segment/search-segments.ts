import {
  EMPTY_HAND,
  joined,
  scanFlat,
  scanGraph,
  walkGraph,
  type FlatIndex,
  type GraphAccess,
  type Hand,
  type SegmentRequest,
} from '../indexes/index.js';

/** How one segment is searched; flat segments are always scanned. */
export type SegmentStep = { readonly kind: 'walk'; readonly effort: number } | { readonly kind: 'scan' };

/** A sealed segment as one thread sees it, with its exact scan, which may read the file. */
export interface SearchableGraph extends GraphAccess {
  /** Given where the full-precision vectors stay in the file. */
  readonly scanStored: ((request: SegmentRequest) => Hand) | undefined;
}

/** Candidates of all segments, each record once, more than wanted perhaps and in no order; and what they cost. */
export interface SegmentsHand {
  readonly records: Uint32Array;
  readonly scores: Float32Array;
  /** Distances computed. */
  readonly computed: number;
  readonly hops: number;
}

/**
 * Searches sealed segments as `steps` say, in their order, and scans flat ones. When walks leave fewer records than are
 * wanted, their segments are scanned exactly: a search never returns less than there is.
 */
export function searchSegments(
  graphs: readonly SearchableGraph[],
  steps: readonly SegmentStep[],
  flats: readonly FlatIndex[],
  request: SegmentRequest,
): SegmentsHand {
  let exact = EMPTY_HAND;
  for (const flat of flats) exact = joined(exact, scanFlat(flat, request));
  const walked: SearchableGraph[] = [];
  let found = EMPTY_HAND;
  let [computed, hops] = [0, 0];
  for (const [i, step] of steps.entries()) {
    if (step.kind === 'scan') {
      exact = joined(exact, scanExactly(graphs[i], request));
      continue;
    }
    const hand = walkGraph(graphs[i], request, step.effort);
    walked.push(graphs[i]);
    found = joined(found, hand);
    computed += hand.computed;
    hops += hand.hops;
  }
  const short = walked.length > 0 && exact.records.length + found.records.length < request.wanted;
  if (short) found = walked.reduce((hand, graph) => joined(hand, scanExactly(graph, request)), EMPTY_HAND);
  const { records, scores } = joined(exact, found);
  return { records, scores, computed: computed + exact.scored + (short ? found.scored : 0), hops };
}

function scanExactly(graph: SearchableGraph, request: SegmentRequest): Hand {
  return graph.scanStored === undefined ? scanGraph(graph, request) : graph.scanStored(request);
}
