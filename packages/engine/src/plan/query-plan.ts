import type { Filter } from '../filter/index.js';
import type { Fusion } from '../query/index.js';
import type { SegmentStep } from '../segment/index.js';

/** How the filter is turned into a bitmap of record rows. */
export interface FilterNode {
  readonly kind: 'filter-rows';
  readonly filter: Filter;
  /** Top-level fields that it reads from column indexes, and those that it must read from stored payloads. */
  readonly columns: readonly string[];
  readonly payloads: readonly string[];
}

/** A leg over dense vectors: every sealed segment is walked or scanned, flat segments are scanned. */
export interface DenseNode {
  readonly kind: 'dense';
  readonly vector: string;
  readonly weight: number;
  readonly limit: number;
  /** Vectors in the space, an upper bound of what is scored by a scan. */
  readonly vectors: number;
  /** A step for each sealed segment. */
  readonly steps: readonly SegmentStep[];
  /** Whether every allowed vector is compared, and the recall to expect otherwise. */
  readonly exact: boolean;
  readonly recall: number;
  /** The time to expect, in microseconds. */
  readonly cost: number;
}

/** A leg that scores the postings of the query's terms by BM25. */
export interface PostingsScanNode {
  readonly kind: 'postings-scan';
  readonly vector: string;
  readonly weight: number;
  readonly limit: number;
  /** Documents alive in the index. */
  readonly documents: number;
}

export type LegNode = DenseNode | PostingsScanNode;

/**
 * What a search does: `exact-scan` compares everything; `graph-walk` follows the graphs of sealed segments; and
 * `filtered-walk` does so, with the filter inside the walk.
 */
export type Strategy = 'exact-scan' | 'graph-walk' | 'filtered-walk';

/** What one search will do: plain data, which `explain` freezes, the legs in the order of the query's. */
export interface QueryPlan {
  readonly kind: 'query-plan';
  /** The name of the strategy; `info.strategy` repeats it. */
  readonly strategy: Strategy;
  /** Whether the answer is the exact one, and the recall to expect. */
  readonly exact: boolean;
  readonly recall: number;
  readonly rows: number;
  /** The time that the dense legs are expected to take, in microseconds; long ones leave the calling thread. */
  readonly cost: number;
  readonly filter: FilterNode | undefined;
  readonly legs: readonly LegNode[];
  /** Undefined with a single leg, whose scores stand. */
  readonly fusion: Fusion | undefined;
  readonly limit: number;
  readonly offset: number;
}
