import { Bitset } from '../bitset.js';
import { notBelow } from '../collect.js';
import { inPieces } from '../in-pieces.js';
import { rank, type Candidates, type TieBreak } from '../candidates.js';
import { inverseDocumentFrequency, type Bm25Parameters } from './bm25.js';
import { Postings } from './postings.js';

/** Postings that are scored between two looks at the clock. */
const POSTINGS_PIECE = 65_536;

/** A sparse vector whose terms are numbers of the collection's dictionary; both arrays have one length. */
export interface TermVector {
  readonly terms: Uint32Array;
  readonly weights: Float32Array;
}

/**
 * Postings of sparse vectors, scored by BM25. Document frequencies, the number of documents and their mean length are
 * those of the records alive now, so that a score does not depend on what was deleted.
 */
export class InvertedIndex {
  readonly #postings = new Map<number, Postings>();
  readonly #lengths: number[] = [];
  #accumulators = new Float32Array(1024);
  #documents = 0;
  #totalLength = 0;

  constructor(readonly parameters: Bm25Parameters) {}

  /** Records alive that have a vector here. */
  get documents(): number {
    return this.#documents;
  }

  get bytes(): number {
    let total = this.#accumulators.byteLength + this.#lengths.length * 8;
    for (const postings of this.#postings.values()) total += postings.bytes;
    return total;
  }

  append(record: number, vector: TermVector): void {
    this.#lengths[record] = total(vector.weights);
    this.#documents++;
    this.#totalLength += this.#lengths[record];
    for (let i = 0; i < vector.terms.length; i++) {
      let postings = this.#postings.get(vector.terms[i]);
      if (postings === undefined) this.#postings.set(vector.terms[i], (postings = new Postings()));
      postings.append(record, vector.weights[i]);
    }
  }

  /**
   * Takes a dead record out of the statistics; its postings stay until the table is rewritten. One that never came in, as
   * it died while the table was loaded, is no matter.
   */
  remove(record: number, vector: TermVector): void {
    if (this.#lengths[record] === undefined) return;
    this.#documents--;
    this.#totalLength -= this.#lengths[record];
    for (const term of vector.terms) {
      const postings = this.#postings.get(term);
      if (postings !== undefined) postings.alive--;
    }
  }

  /** As `remove` for many records whose vectors are not at hand any more: reads every posting once. */
  forget(records: Bitset): void {
    for (const record of records.toArray()) {
      if (this.#lengths[record] === undefined) continue;
      this.#documents--;
      this.#totalLength -= this.#lengths[record];
    }
    for (const postings of this.#postings.values()) {
      const { records: holders, length } = postings;
      for (let i = 0; i < length; i++) if (records.has(holders[i])) postings.alive--;
    }
  }

  /**
   * The `limit` best records in `allowed` that contain at least one term of the query, and whose score is `minScore` or more.
   * When the time is up, by the postings that were read.
   */
  search(
    query: TermVector,
    limit: number,
    allowed: Bitset,
    rows: number,
    tieBreak: TieBreak,
    { minScore = -Infinity, isLate }: { readonly minScore?: number; readonly isLate?: () => boolean } = {},
  ): Candidates {
    if (this.#accumulators.length < rows) this.#accumulators = new Float32Array(Math.ceil(rows * 1.5));
    const matched = new Bitset(rows);
    const touched: number[] = [];
    let scored = 0;
    let cut = false;
    for (let i = 0; i < query.terms.length && !cut; i++) {
      const postings = this.#postings.get(query.terms[i]);
      if (postings === undefined || postings.alive === 0) continue;
      const weigh = this.#accumulator(postings, query.weights[i], allowed, matched, touched);
      cut = scored > 0 && isLate?.() === true;
      if (!cut) cut = inPieces(postings.length, POSTINGS_PIECE, isLate, weigh) < 1;
      scored += postings.length;
    }
    const { reachable, ...ranked } = this.#collect(touched, limit, tieBreak, minScore);
    return { ...ranked, matched: () => matched, reachable, scored, cut };
  }

  /** Adds what the postings from `first` up to `end` give to the accumulators. */
  #accumulator(
    postings: Postings,
    weight: number,
    allowed: Bitset,
    matched: Bitset,
    touched: number[],
  ): (first: number, end: number) => void {
    const { k1, b } = this.parameters;
    const mean = this.#totalLength / this.#documents || 1;
    const idf = weight * inverseDocumentFrequency(this.#documents, postings.alive) * (k1 + 1);
    const { records, weights } = postings;
    const [accumulators, lengths] = [this.#accumulators, this.#lengths];
    return (first, end) => {
      for (let i = first; i < end; i++) {
        const record = records[i];
        if (!allowed.has(record)) continue;
        const frequency = weights[i];
        // Not by the accumulator, which tiny weights may leave at zero.
        if (!matched.has(record)) {
          matched.add(record);
          touched.push(record);
        }
        accumulators[record] += (idf * frequency) / (frequency + k1 * (1 - b + (b * lengths[record]) / mean));
      }
    };
  }

  /** Reads the accumulators of the touched records and clears them for the next query. */
  #collect(
    touched: number[],
    limit: number,
    tieBreak: TieBreak,
    minScore: number,
  ): Pick<Candidates, 'records' | 'scores' | 'reachable'> {
    const scores = new Float32Array(touched.length);
    for (let i = 0; i < touched.length; i++) {
      scores[i] = this.#accumulators[touched[i]];
      this.#accumulators[touched[i]] = 0;
    }
    const { records, scores: kept } = notBelow(minScore, { records: Uint32Array.from(touched), scores });
    return { ...rank(records, kept, limit, tieBreak), reachable: records.length };
  }
}

function total(weights: Float32Array): number {
  let sum = 0;
  for (const weight of weights) sum += weight;
  return sum;
}
