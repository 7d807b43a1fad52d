import { Bitset } from '../bitset.js';
import { rank, type Candidates, type TieBreak } from '../candidates.js';
import { inverseDocumentFrequency, type Bm25Parameters } from './bm25.js';
import { Postings } from './postings.js';

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

  /** The `limit` best records in `allowed` that contain at least one term of the query. */
  search(query: TermVector, limit: number, allowed: Bitset, rows: number, tieBreak: TieBreak): Candidates {
    if (this.#accumulators.length < rows) this.#accumulators = new Float32Array(Math.ceil(rows * 1.5));
    const matched = new Bitset(rows);
    const touched: number[] = [];
    let scored = 0;
    for (let i = 0; i < query.terms.length; i++) {
      const postings = this.#postings.get(query.terms[i]);
      if (postings === undefined || postings.alive === 0) continue;
      this.#accumulate(postings, query.weights[i], allowed, matched, touched);
      scored += postings.length;
    }
    return { ...this.#collect(touched, limit, tieBreak), matched: () => matched, reachable: touched.length, scored };
  }

  #accumulate(postings: Postings, weight: number, allowed: Bitset, matched: Bitset, touched: number[]): void {
    const { k1, b } = this.parameters;
    const mean = this.#totalLength / this.#documents || 1;
    const idf = weight * inverseDocumentFrequency(this.#documents, postings.alive) * (k1 + 1);
    const { records, weights, length } = postings;
    for (let i = 0; i < length; i++) {
      const record = records[i];
      if (!allowed.has(record)) continue;
      const frequency = weights[i];
      // Not by the accumulator, which tiny weights may leave at zero.
      if (!matched.has(record)) {
        matched.add(record);
        touched.push(record);
      }
      this.#accumulators[record] += (idf * frequency) / (frequency + k1 * (1 - b + (b * this.#lengths[record]) / mean));
    }
  }

  /** Reads the accumulators of the touched records and clears them for the next query. */
  #collect(touched: number[], limit: number, tieBreak: TieBreak): Omit<Candidates, 'matched' | 'reachable' | 'scored'> {
    const scores = new Float32Array(touched.length);
    for (let i = 0; i < touched.length; i++) {
      scores[i] = this.#accumulators[touched[i]];
      this.#accumulators[touched[i]] = 0;
    }
    return rank(Uint32Array.from(touched), scores, limit, tieBreak);
  }
}

function total(weights: Float32Array): number {
  let sum = 0;
  for (const weight of weights) sum += weight;
  return sum;
}
