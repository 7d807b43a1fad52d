import type Database from 'better-sqlite3';
import type { SparseVector } from '../encoder/encoder.js';
import type { TermVector } from '../indexes/index.js';

/** Terms read in one turn of the event loop. */
const PAGE_TERMS = 4096;

/**
 * Numbers the terms of one sparse vector space, in the order in which they first occur. Numbers are never reused.
 * New terms are staged until the transaction that brings them has committed.
 */
export class TermDictionary {
  readonly #numbers = new Map<string, number>();
  readonly #staged = new Map<string, number>();
  readonly #insert: Database.Statement;
  readonly #rest: Database.Statement;
  #last = 0;

  constructor(sql: Database.Database, table: string) {
    this.#insert = sql.prepare(`INSERT INTO ${table} (number, term) VALUES (?, ?)`);
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
      await new Promise((resolve) => setImmediate(resolve));
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

  /** Numbers every term, inserting the new ones into the running transaction. */
  number(vector: SparseVector): TermVector {
    return { terms: Uint32Array.from(vector.terms, (term) => this.#numberOf(term)), weights: vector.weights };
  }

  /** The transaction has committed: staged terms are known from now on. */
  commit(): void {
    for (const [term, number] of this.#staged) this.#numbers.set(term, number);
    this.#staged.clear();
  }

  /** The transaction was rolled back: staged terms never were. */
  rollback(): void {
    this.#last -= this.#staged.size;
    this.#staged.clear();
  }

  #numberOf(term: string): number {
    const known = this.#numbers.get(term) ?? this.#staged.get(term);
    if (known !== undefined) return known;
    const number = ++this.#last;
    this.#insert.run(number, term);
    // A copy: a term that was cut out of a text would keep the text in memory.
    this.#staged.set(Buffer.from(term).toString(), number);
    return number;
  }
}
