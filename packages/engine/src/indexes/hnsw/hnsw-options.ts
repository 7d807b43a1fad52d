import type { AROUND } from '../../distance/graph-kernel.js';
import type { Metric } from '../../distance/index.js';
import type { Quantization } from '../../schema/index.js';
import type { Bitset } from '../bitset.js';

export interface HnswOptions {
  dimensions: number;
  metric: Metric;
  quantization: Quantization;
  /** Links a node on the levels above 0; level 0 has twice as many. */
  m: number;
  efConstruction: number;
  /** Nodes. */
  count: number;
  /** How many threads may search at the same time; each uses a walker number of its own, from 0. */
  walkers: number;
  /** Whether the full-precision vectors are in this memory too; without `quantization` they must be. Default true. */
  keepVectors?: boolean;
}

/** What is the case about a query: what matches is as frequent there as elsewhere, or lies away from it, or together about it. */
export type About = keyof typeof AROUND;

/**
 * Efforts (ef) for where few or many of the nodes about a query match; 0 gives up at once. Shares are from 0 to 1. `nodes`: about how
 * many nodes are looked at, the nearest to where the walk begins.
 */
export interface EffortAround {
  readonly nodes: number;
  /**
   * What says after a walk that what matches lies away, where it began otherwise: fewer than a share of `outside` match of the nodes that it
   * visited (of `least`, where many did about its beginning), or inside a bitmap, where only such are visited, more than `inside` of their
   * neighbours.
   */
  readonly outside: number;
  readonly inside: number;
  readonly far: { readonly effort: number; readonly below: number };
  /** `through`: a walk that was to stay inside the bitmap goes through all nodes, so that it notices what does not match. */
  readonly dense: {
    readonly effort: number;
    readonly above: number;
    readonly least: number;
    readonly through: boolean;
  };
}

export interface SearchOptions {
  /** Nodes to keep on the way, 1 or more: as many come back if that many are allowed. */
  ef: number;
  /** Nodes to return of those, the best ones. Default all. */
  limit?: number;
  /** The scratch of the calling thread. */
  walker: number;
  /** Record rows that may be found, as Bitset.words gives them; 'resident' for those of setResidentBitmap. Default all. */
  bitmap?: Uint32Array | 'resident';
  /** The set that the bitmap is of, if it never changes: such that are used often make for faster walks. */
  lasting?: Bitset;
  /** Whether the walk passes through nodes that may not be found, or stays inside the bitmap: see GraphKernel. Default false. */
  inside?: boolean;
  /** What takes the place of `ef` by the share of the nodes about the query that may be found. Default: nothing. */
  around?: EffortAround;
  /** A node that the walk does not meet: for a sample of queries that are nodes themselves. It is on level 0 alone. */
  hidden?: number;
  /** Distances (inside a bitmap: and hops) after which the walk gives up. Default: none. */
  budget?: number;
  /** Whether the time is up: see SegmentRequest. */
  isLate?: () => boolean;
}

export interface ScanOptions {
  limit: number;
  walker: number;
  /** The least score that is wanted; some that are a little lower may come. Default: any. */
  minScore?: number;
  bitmap?: Uint32Array | 'resident';
  /** The nodes to scan, in the place of a bitmap, each below the count of nodes and once. */
  nodes?: Uint32Array;
  /** Whether the time is up: see SegmentRequest. */
  isLate?: () => boolean;
}

/** Nodes, best first, with their scores: higher is nearer. */
export interface HnswHits {
  readonly nodes: Uint32Array;
  readonly scores: Float32Array;
  /** How many nodes it found, of which it may return fewer, and whether they are as many as it was to keep. */
  readonly found: number;
  readonly full: boolean;
  /** Distances that were computed, and nodes whose links were followed. */
  readonly computed: number;
  readonly hops: number;
  /**
   * Whether the walk ended as walks should, with `ef` results that are nearer than all that was left. It did not when its budget
   * was used up, nor inside a bitmap when it found no way to as many.
   */
  readonly settled: boolean;
  /** Whether it ended before, as the time was up. */
  readonly cut: boolean;
  readonly about: About;
  /** The share that matches of the nodes that it visited, or inside a bitmap of their new neighbours; NaN without a filter. */
  readonly met: number;
}

/** The best nodes of an exact scan, in no order. */
export interface HnswScan {
  readonly nodes: Uint32Array;
  readonly scores: Float32Array;
  /** The best score that found no place, or -Infinity: equal to the worst kept one when a tie was cut. */
  readonly rejected: number;
  readonly scored: number;
  /** The part of the nodes that were passed before the time was up. */
  readonly done: number;
}
