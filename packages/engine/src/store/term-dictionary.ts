import type Database from 'better-sqlite3';
import type { SparseVector } from '../encoder/encoder.js';
import type { TermVector } from '../indexes/index.js';
import type { NewTerms } from './commit-request.js';
import { turnEventLoop } from '../workers/index.js';

/** Terms read in one turn of the event loop. */
const PAGE_TERMS = 4096;

/**
 * Numbers the terms of one sparse vector space, in the order in which they first occur. Numbers are never reused.
 * Terms are numbered while earlier commits are still on their way, so each commit brings all terms that the file lacks: a
 * commit that fails leaves its terms to the next, and numbers in the file only grow, as readers of it rely on.
 */
export class TermDictionary {
  readonly #numbers = new Map<string, number>();
  /** Those that are not known to be in the file. */
  readonly #unstored = new Map<string, number>();
  readonly #rest: Database.Statement;
  #last = 0;

  constructor(
    sql: Database.Database,
    readonly space: number,
  ) {
    const table = `nf_terms_${space}`;
    this.#rest = sql.prepare(`SELECT number, term FROM ${table} WHERE number > ? ORDER BY number LIMIT ?`).raw();
  }

  /** Reads the terms that are in the file and not here; the event loop turns between pages. Due before anything else. */
  async load(): Promise<void> {
    for (;;) {
      const page = this.#rest.all(this.#last, PAGE_TERMS) as [number, string][];
      for (const [number, term] of page) {
        this.#numbers.set(term, number);
        this.#last = number;
      }
      if (page.length < PAGE_TERMS) return;
      await turnEventLoop();
    }
  }

  /** The terms of a query that the collection knows, with their weights. */
  known(vector: SparseVector): TermVector {
    const terms: number[] = [];
    const weights: number[] = [];
    for (let i = 0; i < vector.terms.length; i++) {
      const number = this.#numbers.get(vector.terms[i]);
      if (number === undefined) continue;
      terms.push(number);
      weights.push(vector.weights[i]);
    }
    return { terms: Uint32Array.from(terms), weights: Float32Array.from(weights) };
  }

  /** Numbers every term. */
  number(vector: SparseVector): TermVector {
    return { terms: Uint32Array.from(vector.terms, (term) => this.#numberOf(term)), weights: vector.weights };
  }

  /** The terms that the next commit brings. */
  unstored(): NewTerms {
    return {
      space: this.space,
      numbers: Uint32Array.from(this.#unstored.values()),
      terms: [...this.#unstored.keys()],
    };
  }

  /** They are in the file now. */
  stored({ terms }: NewTerms): void {
    for (const term of terms) this.#unstored.delete(term);
  }

  #numberOf(term: string): number {
    const known = this.#numbers.get(term);
    if (known !== undefined) return known;
    const number = ++this.#last;
    // A copy: a term that was cut out of a text would keep the text in memory.
    const copy = Buffer.from(term).toString();
    this.#numbers.set(copy, number);
    this.#unstored.set(copy, number);
    return number;
  }
}
