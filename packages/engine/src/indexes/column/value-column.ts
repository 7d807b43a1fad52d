import { between, compileFilter, exactly, type Cardinality, type Condition } from '../../filter/index.js';
import { Bitset } from '../bitset.js';
import type { ColumnIndex, Steps } from './column-index.js';

/** Values that are tested between two pauses. */
const STEP_ROWS = 512;

/** Values as they are, tested one by one. */
export class ValueColumn implements ColumnIndex {
  readonly #values: unknown[] = [];
  readonly #present = new Bitset();
  #count = 0;

  get bytes(): number {
    return this.#values.length * 8 + this.#present.bytes;
  }

  append(row: number, value: unknown): void {
    if (value === undefined || value === null) return;
    while (this.#values.length < row) this.#values.push(undefined);
    this.#values.push(value);
    this.#present.add(row);
    this.#count++;
  }

  read(row: number): unknown {
    return this.#values[row];
  }

  estimate(condition: Condition): Cardinality {
    if (condition.kind === 'exists') return exactly(this.#count);
    return between(0, this.#count / 4, this.#count);
  }

  *match(condition: Condition, rows: number, into: Uint32Array): Steps {
    if (condition.kind === 'exists') {
      into.set(this.#present.words(rows));
      return;
    }
    const test = compileFilter(condition, () => (row) => this.#values[row]);
    const end = Math.min(rows, this.#values.length);
    for (let row = 0; row < end; row++) {
      if (test(row)) into[row >>> 5] |= 1 << (row & 31);
      if (row % STEP_ROWS === STEP_ROWS - 1) yield;
    }
  }
}
