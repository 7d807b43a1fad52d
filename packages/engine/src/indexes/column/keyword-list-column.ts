import { compileCondition, type Cardinality, type Condition } from '../../filter/index.js';
import { Bitset } from '../bitset.js';
import { CodeRows } from './code-rows.js';
import { estimateCodes, flagsOf, listCodes, matchCodes, scanIsCheaper } from './coded-values.js';
import type { ColumnIndex, Steps, ValueCounts } from './column-index.js';
import { Dictionary } from './dictionary.js';
import { grown } from './grown.js';

/** Rows that are looked at in one step. */
const STEP_ROWS = 16_384;
/** Words of a bitmap of rows that are counted in one step. */
const STEP_WORDS = 1024;

/** Lists of strings: the elements of all rows one after the other, as codes of a dictionary, and the rows of each code. */
export class KeywordListColumn implements ColumnIndex {
  readonly #dictionary = new Dictionary();
  /** By entry: the code, and the row that it belongs to. */
  #codes = new Uint32Array(256);
  #owners = new Uint32Array(256);
  #entries = 0;
  /** By row: where its entries end, for all rows below `#ended`. */
  #ends = new Uint32Array(256);
  #ended = 0;
  readonly #rows = new CodeRows((entry) => this.#owners[entry]);
  readonly #present = new Bitset();
  #count = 0;

  get bytes(): number {
    const arrays = this.#codes.byteLength + this.#owners.byteLength + this.#ends.byteLength;
    return this.#dictionary.bytes + this.#rows.bytes + this.#present.bytes + arrays;
  }

  append(row: number, value: unknown): void {
    if (!Array.isArray(value)) return;
    this.#ends = grown(this.#ends, row + 1);
    this.#ends.fill(this.#entries, this.#ended, row);
    for (const element of value) {
      const entry = this.#entries++;
      this.#codes = grown(this.#codes, entry + 1);
      this.#owners = grown(this.#owners, entry + 1);
      this.#owners[entry] = row;
      this.#rows.add((this.#codes[entry] = this.#dictionary.add(String(element))), entry);
    }
    this.#ends[row] = this.#entries;
    this.#ended = row + 1;
    this.#present.add(row);
    this.#count++;
  }

  read(row: number): readonly string[] | undefined {
    if (!this.#present.has(row)) return undefined;
    const codes = this.#codes.subarray(this.#start(row), this.#ends[row]);
    return Array.from(codes, (code) => this.#dictionary.strings[code]);
  }

  estimate(condition: Condition): Cardinality {
    return estimateCodes(condition, this.#dictionary, this.#rows, this.#count, true);
  }

  *match(condition: Condition, rows: number, into: Uint32Array): Steps {
    if (condition.kind === 'exists') into.set(this.#present.words(rows));
    else if (condition.kind === 'equals') yield* this.#matchWhole(condition, rows, into);
    else {
      const codes = yield* this.#dictionary.codesOf(condition);
      if (!scanIsCheaper(codes, this.#rows, rows)) return yield* matchCodes(codes, this.#rows, rows, into);
      const flags = flagsOf(codes, this.#dictionary.size);
      const end = rows === 0 ? 0 : this.#ends[Math.min(rows, this.#ended) - 1];
      for (let entry = 0; entry < end; entry++) {
        const row = this.#owners[entry];
        into[row >>> 5] |= flags[this.#codes[entry] + 1] << (row & 31);
        if ((entry & 0xffff) === 0xffff) yield;
      }
    }
  }

  list(condition: Condition, rows: number, most: number): Uint32Array | undefined {
    const codes = condition.kind === 'in' ? this.#dictionary.codesOfValues(condition) : [];
    // A list may have several of the values.
    return codes.length === 1 ? listCodes(codes, this.#rows, rows, most) : undefined;
  }

  keep(condition: Condition, rows: Uint32Array, holds: boolean): Uint32Array | undefined {
    if (condition.kind !== 'in') return undefined;
    const flags = flagsOf(this.#dictionary.codesOfValues(condition), this.#dictionary.size);
    let kept = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      const end = row < this.#ended ? this.#ends[row] : 0;
      let entry = row < this.#ended ? this.#start(row) : 0;
      while (entry < end && flags[this.#codes[entry] + 1] === 0) entry++;
      if (entry < end === holds) rows[kept++] = row;
    }
    return rows.subarray(0, kept);
  }

  *countValues(within: Uint32Array): Steps<ValueCounts> {
    const counts = new Uint32Array(this.#dictionary.size);
    const [codes, ends, ended] = [this.#codes, this.#ends, this.#ended];
    for (let i = 0; i < within.length; i++) {
      for (let word = within[i]; word !== 0; word &= word - 1) {
        const row = i * 32 + 31 - Math.clz32(word & -word);
        if (row >= ended) break;
        const start = row === 0 ? 0 : ends[row - 1];
        for (let entry = start; entry < ends[row]; entry++) {
          // Each distinct element counts once; lists are short.
          let first = start;
          while (codes[first] !== codes[entry]) first++;
          if (first === entry) counts[codes[entry]]++;
        }
      }
      if (i % STEP_WORDS === STEP_WORDS - 1) yield;
    }
    return { values: this.#dictionary.strings, counts };
  }

  /** Rows whose whole list is the operand: among those that have its rarest element. */
  *#matchWhole(condition: Extract<Condition, { kind: 'equals' }>, rows: number, into: Uint32Array): Steps {
    const test = compileCondition(condition);
    const candidates = new Uint32Array(into.length);
    const words = Array.isArray(condition.value) ? (condition.value as readonly string[]) : [];
    if (words.length === 0) candidates.set(this.#present.words(rows));
    else {
      const { target } = condition;
      const codes = yield* this.#dictionary.codesOf({ kind: 'in', target, values: words });
      if (codes.length < words.length) return;
      const rarest = codes.reduce((a, b) => (this.#rows.count(a) <= this.#rows.count(b) ? a : b));
      this.#rows.match(rarest, rows, candidates);
    }
    for (let i = 0; i < candidates.length; i++) {
      for (let word = candidates[i]; word !== 0; word &= word - 1) {
        const bit = 31 - Math.clz32(word & -word);
        if (test(this.read(i * 32 + bit))) into[i] |= 1 << bit;
      }
      if (i % (STEP_ROWS / 32) === 0) yield;
    }
  }

  #start(row: number): number {
    return row === 0 ? 0 : this.#ends[row - 1];
  }
}
