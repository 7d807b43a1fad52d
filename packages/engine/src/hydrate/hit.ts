import type { AnyRecord, RecordId } from '../schema/index.js';

/** A passage of a record's text: UTF-16 offsets in the field's text, from `start` up to, not including, `end`. */
export interface PassagePart {
  /** The field, where the vector is made from several. A list's texts are joined by line breaks. */
  readonly field?: string;
  readonly start: number;
  readonly end: number;
}

export interface HitScore {
  readonly score: number;
  /** The place in this leg's own ranking, from 1. */
  readonly rank: number;
  /**
   * Which of the record's vectors is the nearest, where it has several in this space (where `vectors: true` gives a
   * list): of vectors that the caller brought their number, from 0, the first of those that tie; of a long text the
   * passage, or the part of it in the field that has most of it.
   */
  readonly part?: number | PassagePart;
}

export interface Hit<R = AnyRecord> {
  readonly id: RecordId;
  /** Higher is nearer, always. With one leg, that leg's own score; otherwise the fused score. */
  readonly score: number;
  /** What each leg that found the record says, by its vector; a second leg on the same vector is `name:2`. */
  readonly scores: Readonly<Record<string, HitScore>>;
  /** The record, or its selected fields; absent with `select: []`. */
  readonly record: R;
}

export interface SearchInfo {
  /** Whether the answer is exactly that of comparing every record. */
  readonly exact: boolean;
  /** The recall to expect: the share of the true best hits that is among these. */
  readonly recall: number;
  /** Records that could have been hits, had there been no limit. */
  readonly matches: number | { readonly min: number; readonly max: number };
  readonly strategy: string;
  /** Present, and true, when the time was up before all segments had been searched, or a record of the page was gone by then. */
  readonly partial?: boolean;
  readonly tookMs: number;
}

export interface SearchResult<R = AnyRecord> {
  readonly hits: readonly Hit<R>[];
  readonly info: SearchInfo;
}
