import type { EncoderInput } from '../encoder/encoder.js';
import type { Filter, FilterOf } from '../filter/index.js';
import type { FieldName, MediaSource, RecordId, SchemaInput, VectorName } from '../schema/index.js';

/**
 * One way of asking: a vector, and what to be near to: a value, an id, or inputs of its encoder. Several inputs (a text and
 * an image, say) are combined as the fields of a record are, each standing for every field of its kind; those of a
 * vector that is made of one field, or of joined texts, as their mean.
 */
export interface NearInput<Vector extends string = string> {
  readonly vector: Vector;
  /** Never cut into passages: of a text that is longer than the encoder's window the beginning is read. */
  readonly text?: string;
  readonly image?: MediaSource;
  readonly audio?: MediaSource;
  /** A vector of the space's dimensions. */
  readonly value?: Float32Array;
  /**
   * The vector of that record; the record itself is among the hits. Where it has several, the best of them counts for
   * each hit. A query searches for 256 vectors at most: of records that have more in all, as many are taken, evenly from
   * the first to the last.
   */
  readonly id?: RecordId;
  /** How much this leg counts in the fusion, >= 0. Default: the retrieval strength that the encoder declares, or 1. */
  readonly weight?: number;
}

/** Options of relative score fusion. */
export interface RelativeOptions {
  /** Candidates a leg brings to the fusion. Default 200, and never fewer than offset + limit. */
  readonly depth?: number;
}

/** Options of reciprocal rank fusion. */
export interface RrfOptions {
  /** Rank constant, > 0. Default 60. */
  readonly k?: number;
  /** Candidates a leg brings to the fusion. Default 200, and never fewer than offset + limit. */
  readonly depth?: number;
}

export type FuseInput = 'relative' | 'rrf' | { readonly relative: RelativeOptions } | { readonly rrf: RrfOptions };

/** Ways to search a sealed segment: see SegmentStep. */
export const QUERY_STRATEGIES = ['scan', 'scan-matching', 'walk', 'walk-inside'] as const;

export type QueryStrategy = (typeof QUERY_STRATEGIES)[number];

/** A search, as the caller writes it. */
export interface Query<S extends SchemaInput = SchemaInput> {
  /** Shorthand: every vector whose encoder takes text, fused. */
  readonly text?: string;
  /** One leg or more, 256 at most. */
  readonly near?: NearInput<VectorName<S>> | readonly NearInput<VectorName<S>>[];
  readonly fuse?: FuseInput;
  readonly filter?: FilterOf<S>;
  /** Hits to return, 1 to 100 000. Default 10. */
  readonly limit?: number;
  /** Hits to pass over. Default 0. */
  readonly offset?: number;
  /** Leave out hits below this score. */
  readonly minScore?: number;
  /** Demand the exact answer. */
  readonly exact?: boolean;
  /** Recall to expect at least, 0 to 1. */
  readonly minRecall?: number;
  /** Candidates that a graph walk keeps (ef), for those who want to set it. */
  readonly effort?: number;
  /** Milliseconds that the search may take; then it fails with TIMEOUT. Default: what the database was opened with. */
  readonly timeoutMs?: number;
  /**
   * Give what was found when the time is up, marked as such in `info`, where segments are being searched by then. In a batch that
   * is being searched, a query whose turn comes too late has no hits.
   */
  readonly partial?: boolean;
  /** A way to search sealed segments that is taken wherever it is possible, for those who want to compare. */
  readonly strategy?: QueryStrategy;
  /** Fields of the records to return; [] for ids and scores only. Default: all. */
  readonly select?: readonly FieldName<S>[];
  /** Return the records' vectors too. */
  readonly vectors?: boolean;
  readonly signal?: AbortSignal;
}

/** What a leg is near to. */
export type Target =
  | { readonly kind: 'inputs'; readonly inputs: readonly EncoderInput[] }
  | { readonly kind: 'value'; readonly value: Float32Array }
  | { readonly kind: 'id'; readonly id: RecordId };

export interface Leg {
  readonly vector: string;
  readonly target: Target;
  readonly weight: number | undefined;
}

export type Fusion =
  | { readonly kind: 'relative'; readonly depth: number | undefined }
  | { readonly kind: 'rrf'; readonly k: number; readonly depth: number | undefined };

/** A search, checked, with its defaults spelled out. */
export interface ParsedQuery {
  readonly legs: readonly Leg[];
  readonly fusion: Fusion;
  readonly filter: Filter;
  readonly limit: number;
  readonly offset: number;
  readonly minScore: number | undefined;
  readonly exact: boolean;
  readonly minRecall: number | undefined;
  readonly effort: number | undefined;
  readonly strategy: QueryStrategy | undefined;
  readonly timeoutMs: number | undefined;
  readonly partial: boolean;
  readonly select: readonly string[] | undefined;
  readonly vectors: boolean;
}
