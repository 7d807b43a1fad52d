import { compileCondition, type Condition, type InNode } from '../../filter/index.js';
import type { Steps } from './column-index.js';

/** Strings that are tested in one step. */
const STEP_STRINGS = 4096;

/** Distinct strings, numbered in the order in which they come. */
export class Dictionary {
  readonly strings: string[] = [];
  readonly #codes = new Map<string, number>();
  #bytes = 0;

  get size(): number {
    return this.strings.length;
  }

  /** About: the characters, and the entries of the two tables. */
  get bytes(): number {
    return this.#bytes + this.strings.length * 48;
  }

  /** The code of a string, which it has from now on. */
  add(string: string): number {
    const known = this.#codes.get(string);
    if (known !== undefined) return known;
    const code = this.strings.push(string) - 1;
    this.#codes.set(string, code);
    this.#bytes += string.length;
    return code;
  }

  /** The codes of those of the values that it has. */
  codesOfValues({ values }: InNode): number[] {
    const codes: number[] = [];
    for (const value of values) {
      const code = typeof value === 'string' ? this.#codes.get(value) : undefined;
      if (code !== undefined) codes.push(code);
    }
    return codes;
  }

  /** The codes of the strings that meet a condition, among the first `size`. */
  *codesOf(condition: Condition, size = this.size): Steps<number[]> {
    if (condition.kind === 'in') return this.codesOfValues(condition);
    const codes: number[] = [];
    const test = compileCondition(condition);
    for (let code = 0; code < size; code++) {
      if (test(this.strings[code])) codes.push(code);
      if (code % STEP_STRINGS === STEP_STRINGS - 1) yield;
    }
    return codes;
  }
}
