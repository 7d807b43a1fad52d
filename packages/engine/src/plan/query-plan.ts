import type { Filter } from '../filter/index.js';
import type { Fusion } from '../query/index.js';

/** How the filter is turned into a bitmap of record rows. */
export interface FilterNode {
  readonly kind: 'filter-rows';
  readonly filter: Filter;
  /** Top-level fields that it reads from column indexes, and those that it must read from stored payloads. */
  readonly columns: readonly string[];
  readonly payloads: readonly string[];
}

/** A leg that scores every allowed dense vector. */
export interface DenseScanNode {
  readonly kind: 'dense-scan';
  readonly vector: string;
  readonly weight: number;
  readonly limit: number;
  /** Vectors in the segment, an upper bound of what is scored. */
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

export type LegNode = DenseScanNode | PostingsScanNode;

/** What one search will do: frozen plain data, the legs in the order of the query's. */
export interface QueryPlan {
  readonly kind: 'query-plan';
  /** The name of the strategy; `info.strategy` repeats it. */
  readonly strategy: 'exact-scan';
  /** Whether the answer is the exact one, and the recall to expect. */
  readonly exact: boolean;
  readonly recall: number;
  readonly rows: number;
  readonly filter: FilterNode | undefined;
  readonly legs: readonly LegNode[];
  /** Undefined with a single leg, whose scores stand. */
  readonly fusion: Fusion | undefined;
  readonly limit: number;
  readonly offset: number;
}
