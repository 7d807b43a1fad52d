import type { Cardinality, Condition } from '../../filter/index.js';
import { Bitset } from '../bitset.js';
import { CodeRows } from './code-rows.js';
import type { ColumnIndex, Steps, ValueCounts } from './column-index.js';
import { Dictionary } from './dictionary.js';
import { estimateCodes, flagsOf, listCodes, matchCodes, scanIsCheaper } from './coded-values.js';
import { grown } from './grown.js';

/** Words of a bitmap of rows that are counted in one step. */
const STEP_WORDS = 1024;

/** Strings, one a row: a dictionary, a code for each row, and the rows of each code. */
export class KeywordColumn implements ColumnIndex {
  readonly #dictionary = new Dictionary();
  /** By row: the code plus 1, or 0 for a missing value. */
  #codes = new Uint32Array(256);
  readonly #rows = new CodeRows((row) => row);
  readonly #present = new Bitset();
  #count = 0;

  get bytes(): number {
    return this.#dictionary.bytes + this.#codes.byteLength + this.#rows.bytes + this.#present.bytes;
  }

  append(row: number, value: unknown): void {
    if (typeof value !== 'string') return;
    const code = this.#dictionary.add(value);
    this.#codes = grown(this.#codes, row + 1);
    this.#codes[row] = code + 1;
    this.#rows.add(code, row);
    this.#present.add(row);
    this.#count++;
  }

  read(row: number): string | undefined {
    const code = row < this.#codes.length ? this.#codes[row] : 0;
    return code === 0 ? undefined : this.#dictionary.strings[code - 1];
  }

  estimate(condition: Condition): Cardinality {
    return estimateCodes(condition, this.#dictionary, this.#rows, this.#count, false);
  }

  *match(condition: Condition, rows: number, into: Uint32Array): Steps {
    if (condition.kind === 'exists') {
      into.set(this.#present.words(rows));
      return;
    }
    const codes = yield* this.#dictionary.codesOf(condition);
    if (!scanIsCheaper(codes, this.#rows, rows)) return yield* matchCodes(codes, this.#rows, rows, into);
    const flags = flagsOf(codes, this.#dictionary.size);
    const end = Math.min(rows, this.#codes.length);
    for (let row = 0; row < end; row++) {
      into[row >>> 5] |= flags[this.#codes[row]] << (row & 31);
      if ((row & 0xffff) === 0xffff) yield;
    }
  }

  list(condition: Condition, rows: number, most: number): Uint32Array | undefined {
    if (condition.kind !== 'in') return undefined;
    return listCodes(this.#dictionary.codesOfValues(condition), this.#rows, rows, most);
  }

  keep(condition: Condition, rows: Uint32Array, holds: boolean): Uint32Array | undefined {
    if (condition.kind !== 'in') return undefined;
    const codes = this.#dictionary.codesOfValues(condition);
    const [only, flags] = [codes[0] + 1, codes.length === 1 ? undefined : flagsOf(codes, this.#dictionary.size)];
    const stored = this.#codes;
    let kept = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      const code = row < stored.length ? stored[row] : 0;
      if ((flags === undefined ? code === only : flags[code] === 1) === holds) rows[kept++] = row;
    }
    return rows.subarray(0, kept);
  }

  *countValues(within: Uint32Array): Steps<ValueCounts> {
    const counts = new Uint32Array(this.#dictionary.size + 1);
    const codes = (this.#codes = grown(this.#codes, within.length * 32));
    for (let i = 0; i < within.length; i++) {
      for (let word = within[i]; word !== 0; word &= word - 1) counts[codes[i * 32 + 31 - Math.clz32(word & -word)]]++;
      if (i % STEP_WORDS === STEP_WORDS - 1) yield;
    }
    return { values: this.#dictionary.strings, counts: counts.subarray(1) };
  }
}
