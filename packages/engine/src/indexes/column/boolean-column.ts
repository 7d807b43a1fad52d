import { exactly, type Cardinality, type Condition } from '../../filter/index.js';
import { Bitset } from '../bitset.js';
import type { ColumnIndex, Steps, ValueCounts } from './column-index.js';

/** Booleans: the rows that are true, and those that are false. */
export class BooleanColumn implements ColumnIndex {
  readonly #rows = { true: new Bitset(), false: new Bitset() };
  readonly #counts = { true: 0, false: 0 };

  get bytes(): number {
    return this.#rows.true.bytes + this.#rows.false.bytes;
  }

  append(row: number, value: unknown): void {
    if (typeof value !== 'boolean') return;
    this.#rows[`${value}`].add(row);
    this.#counts[`${value}`]++;
  }

  read(row: number): boolean | undefined {
    if (this.#rows.true.has(row)) return true;
    return this.#rows.false.has(row) ? false : undefined;
  }

  estimate(condition: Condition): Cardinality {
    let count = 0;
    for (const value of wantedOf(condition)) count += this.#counts[`${value}`];
    return exactly(count);
  }

  *match(condition: Condition, rows: number, into: Uint32Array): Steps {
    const [first, second] = wantedOf(condition);
    if (first !== undefined) into.set(this.#rows[`${first}`].words(rows));
    if (second === undefined) return;
    yield;
    const words = this.#rows[`${second}`].words(rows);
    for (let i = 0; i < words.length; i++) into[i] |= words[i];
  }

  keep(condition: Condition, rows: Uint32Array, holds: boolean): Uint32Array {
    const wanted = wantedOf(condition);
    const [isTrue, isFalse] = [wanted.includes(true), wanted.includes(false)];
    let kept = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      const meets = (isTrue && this.#rows.true.has(row)) || (isFalse && this.#rows.false.has(row));
      if (meets === holds) rows[kept++] = row;
    }
    return rows.subarray(0, kept);
  }

  *countValues(within: Uint32Array): Steps<ValueCounts> {
    const values = [false, true];
    const counts: number[] = [];
    for (const value of values) {
      counts.push(Bitset.of(within.slice()).intersect(this.#rows[`${value}`]).count());
      yield;
    }
    return { values, counts };
  }
}

/** The values that meet a condition. */
function wantedOf(condition: Condition): readonly boolean[] {
  switch (condition.kind) {
    case 'exists':
      return [true, false];
    case 'in':
      return [true, false].filter((value) => condition.values.includes(value));
    default:
      return [];
  }
}
