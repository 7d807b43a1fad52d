/**
 * Okapi BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009), with the
 * inverse document frequency kept positive by 1 + (as in Lucene).
 */
export interface Bm25Parameters {
  /** How soon repetitions of a term stop counting, >= 0. */
  readonly k1: number;
  /** How far long documents are scaled down, in [0, 1]. */
  readonly b: number;
}

/** Weight of a term that `containing` of `documents` documents contain. */
export function inverseDocumentFrequency(documents: number, containing: number): number {
  return Math.log(1 + (documents - containing + 0.5) / (containing + 0.5));
}
