import type { Cardinality, Filter } from '../filter/index.js';
import type { Fusion } from '../query/index.js';
import type { DensePlan } from './plan-dense.js';

/** How the filter is turned into a bitmap of record rows. */
export interface FilterNode {
  readonly kind: 'filter-rows';
  readonly filter: Filter;
  /** Top-level fields that it reads from column indexes, and those that it must read from stored payloads. */
  readonly columns: readonly string[];
  readonly payloads: readonly string[];
  /** Live records that pass it, as far as indexes and perhaps a sample tell. */
  readonly estimate: Cardinality;
  /** Live records that pass it; undefined where the filter was not run. */
  readonly matches: number | undefined;
}

/** A leg over dense vectors: every sealed segment is searched as its step says, flat segments are scanned. */
export interface DenseNode extends DensePlan {
  readonly kind: 'dense';
  readonly vector: string;
  readonly weight: number;
  readonly limit: number;
  /** Vectors in the space, an upper bound of what is scored by a scan. */
  readonly vectors: number;
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
 * What a search does, by its most laborious step: `no-match` when nothing passes the filter; `exact-scan` compares everything that does, and
 * `matching-scan` looks it up first; `graph-walk` follows the graphs of sealed segments; `filtered-walk` does so and checks what
 * it meets; `inside-walk` goes from matching record to matching record.
 */
export type Strategy = 'no-match' | 'exact-scan' | 'matching-scan' | 'graph-walk' | 'filtered-walk' | 'inside-walk';

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
  /** With a single leg, what is below it is not looked for. */
  readonly minScore: number | undefined;
}
