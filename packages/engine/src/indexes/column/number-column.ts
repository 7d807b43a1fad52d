import { between, exactly, type Cardinality, type Condition } from '../../filter/index.js';
import { Bitset } from '../bitset.js';
import type { ColumnIndex, Steps, ValueCounts } from './column-index.js';
import { grown } from './grown.js';
import { rangeOf, type NumberRange } from './number-range.js';
import { BLOCK_ROWS, countBelow, countUpTo, sortBlock, type SortedBlock } from './sorted-block.js';

/** Values of a list that an estimate looks up. */
const SAMPLED_VALUES = 16;
/** A lookup of a value in a sorted block costs about as much as comparing so many rows. */
const LOOKUP_ROWS = 128;
/** Blocks that are matched or counted in one step. */
const STEP_BLOCKS = 16;
const ANY: NumberRange = { low: -Infinity, high: Infinity };
/** Integers in a range of so many for each row are counted in an array; others in a map. */
const SPREAD = 4;

/**
 * Numbers, and dates as milliseconds since the epoch. Rows lie in blocks, each with its rows in the order of their values,
 * so that a range is found in a block by two binary searches; the last block, which still grows, is compared row by row.
 */
export class NumberColumn implements ColumnIndex {
  /** As 32-bit integers as long as all values are that. */
  #values: Int32Array | Float64Array = new Int32Array(256);
  readonly #present = new Bitset();
  readonly #blocks: SortedBlock[] = [];
  /** The rows of one block that match. */
  readonly #found = new Uint32Array(BLOCK_ROWS / 32);
  /** One more than the last row with a value. */
  #rows = 0;
  #count = 0;

  get bytes(): number {
    const sorted = this.#blocks.reduce((sum, block) => sum + block.byteLength, 0);
    return this.#values.byteLength + this.#present.bytes + sorted;
  }

  append(row: number, value: unknown): void {
    if (value === undefined || value === null) return;
    while ((this.#blocks.length + 1) * BLOCK_ROWS <= row) this.#sortNext();
    const number = Number(value);
    this.#values = grown(this.#values, row + 1);
    if (this.#values instanceof Int32Array && (number | 0) !== number) this.#values = Float64Array.from(this.#values);
    this.#values[row] = number;
    this.#present.add(row);
    this.#rows = row + 1;
    this.#count++;
  }

  read(row: number): number | undefined {
    return this.#present.has(row) ? this.#values[row] : undefined;
  }

  estimate(condition: Condition, enough?: number): Cardinality {
    switch (condition.kind) {
      case 'exists':
        return exactly(this.#count);
      case 'compare':
      case 'range':
        return exactly(this.#countRange(rangeOf(condition), enough));
      case 'in': {
        const { values } = condition;
        const sampled = values.slice(0, SAMPLED_VALUES);
        const found = sampled.reduce<number>((sum, value) => sum + this.#countRange(only(Number(value))), 0);
        if (sampled.length === values.length) return exactly(found);
        return between(found, (found * values.length) / sampled.length, this.#count);
      }
      default:
        return exactly(0);
    }
  }

  *match(condition: Condition, rows: number, into: Uint32Array, within?: Uint32Array): Steps {
    switch (condition.kind) {
      case 'exists':
        into.set(this.#present.words(rows));
        return;
      case 'compare':
      case 'range':
        return yield* this.#matchRange(rangeOf(condition), rows, into, within);
      case 'in': {
        const { values } = condition;
        if (values.length * LOOKUP_ROWS >= BLOCK_ROWS) return yield* this.#matchSet(new Set(values), rows, into);
        for (const value of values) yield* this.#matchRange(only(Number(value)), rows, into, within);
      }
    }
  }

  list(condition: Condition, rows: number, most: number): Uint32Array | undefined {
    const range = singleRange(condition);
    if (range === undefined || range.low > range.high) return undefined;
    const length = this.#countRange(range, most);
    return length > most ? undefined : this.#listRange(range, rows, length);
  }

  keep(condition: Condition, rows: Uint32Array, holds: boolean): Uint32Array | undefined {
    const range = condition.kind === 'exists' ? ANY : singleRange(condition);
    if (range === undefined) return undefined;
    const { low, high } = range;
    const [values, end] = [this.#values, this.#rows];
    const present = this.#count === end ? undefined : this.#present.words(end);
    const turned = holds ? 0 : 1;
    let kept = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      rows[kept] = row;
      // No branch depends on a value: no processor could tell its way.
      const inRange = row < end ? Number(values[row] >= low) & Number(values[row] <= high) : 0;
      kept += (present === undefined ? inRange : inRange & (present[row >>> 5] >>> (row & 31))) ^ turned;
    }
    return rows.subarray(0, kept);
  }

  *countValues(within: Uint32Array): Steps<ValueCounts> {
    const [low, high] = this.#bounds();
    const size = high - low + 1;
    const counted = size <= Math.max(BLOCK_ROWS, this.#count * SPREAD) && this.#values instanceof Int32Array;
    return yield* counted ? this.#countInArray(within, low, size) : this.#countInMap(within);
  }

  *#countInArray(within: Uint32Array, low: number, size: number): Steps<ValueCounts> {
    const counts = new Uint32Array(Math.max(0, size));
    const present = this.#present.words(within.length * 32);
    for (let i = 0; i < within.length; i++) {
      for (let word = within[i] & present[i]; word !== 0; word &= word - 1) {
        counts[this.#values[i * 32 + 31 - Math.clz32(word & -word)] - low]++;
      }
      if (i % (BLOCK_ROWS / 32) === 0) yield;
    }
    const values: number[] = [];
    for (let i = 0; i < counts.length; i++) if (counts[i] > 0) values.push(low + i);
    return { values, counts: values.map((value) => counts[value - low]) };
  }

  *#countInMap(within: Uint32Array): Steps<ValueCounts> {
    const counts = new Map<number, number>();
    const present = this.#present.words(within.length * 32);
    for (let i = 0; i < within.length; i++) {
      for (let word = within[i] & present[i]; word !== 0; word &= word - 1) {
        // Adding 0 turns -0 into 0.
        const value = this.#values[i * 32 + 31 - Math.clz32(word & -word)] + 0;
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      if (i % (BLOCK_ROWS / 32) === 0) yield;
    }
    return { values: [...counts.keys()], counts: [...counts.values()] };
  }

  /** The least and the greatest value of all rows. */
  #bounds(): [low: number, high: number] {
    let low = Infinity;
    let high = -Infinity;
    for (const [at, block] of this.#blocks.entries()) {
      if (block.length === 0) continue;
      low = Math.min(low, this.#values[at * BLOCK_ROWS + block[0]]);
      high = Math.max(high, this.#values[at * BLOCK_ROWS + block[block.length - 1]]);
    }
    for (let row = this.#blocks.length * BLOCK_ROWS; row < this.#rows; row++) {
      if (!this.#present.has(row)) continue;
      low = Math.min(low, this.#values[row]);
      high = Math.max(high, this.#values[row]);
    }
    return [low, high];
  }

  /** Sorts the first block that is not sorted. All its rows have come. */
  #sortNext(): void {
    const start = this.#blocks.length * BLOCK_ROWS;
    const places: number[] = [];
    for (let place = 0; place < BLOCK_ROWS; place++) if (this.#present.has(start + place)) places.push(place);
    this.#blocks.push(sortBlock(this.#values.subarray(start, start + BLOCK_ROWS), Uint16Array.from(places)));
  }

  /** How many rows have a value in the range; more than `enough` are not counted to the end. */
  #countRange({ low, high }: NumberRange, enough = Infinity): number {
    if (low > high) return 0;
    let count = 0;
    for (let at = 0; at < this.#blocks.length && count <= enough; at++) {
      const [start, block] = [at * BLOCK_ROWS, this.#blocks[at]];
      count += countUpTo(this.#values, start, block, high) - countBelow(this.#values, start, block, low);
    }
    for (let row = this.#blocks.length * BLOCK_ROWS; row < this.#rows; row++) {
      if (this.#present.has(row) && this.#values[row] >= low && this.#values[row] <= high) count++;
    }
    return count;
  }

  /** The rows below `rows` with a value in the range, which `length` rows have in all. */
  #listRange({ low, high }: NumberRange, rows: number, length: number): Uint32Array {
    const list = new Uint32Array(length);
    let listed = 0;
    for (let at = 0; at < this.#blocks.length; at++) {
      const [start, block] = [at * BLOCK_ROWS, this.#blocks[at]];
      const last = countUpTo(this.#values, start, block, high);
      for (let i = countBelow(this.#values, start, block, low); i < last; i++) {
        if (start + block[i] < rows) list[listed++] = start + block[i];
      }
    }
    for (let row = this.#blocks.length * BLOCK_ROWS; row < Math.min(rows, this.#rows); row++) {
      if (this.#present.has(row) && this.#values[row] >= low && this.#values[row] <= high) list[listed++] = row;
    }
    return list.subarray(0, listed);
  }

  *#matchRange(range: NumberRange, rows: number, into: Uint32Array, within?: Uint32Array): Steps {
    if (range.low > range.high) return;
    const end = Math.min(rows, this.#rows);
    for (let at = 0, start = 0; start < end; start = ++at * BLOCK_ROWS) {
      if (within !== undefined && isEmpty(within, start >>> 5, (start + BLOCK_ROWS) >>> 5)) continue;
      this.#matchBlock(at, range, Math.min(end, start + BLOCK_ROWS), into);
      if (at % STEP_BLOCKS === STEP_BLOCKS - 1) yield;
    }
  }

  /** Rows of one block: the fewer of those in the range and those out of it are gone through. */
  #matchBlock(at: number, { low, high }: NumberRange, end: number, into: Uint32Array): void {
    if (at >= this.#blocks.length) return this.#compareRows(at * BLOCK_ROWS, { low, high }, end, into);
    const start = at * BLOCK_ROWS;
    const block = this.#blocks[at];
    const first = countBelow(this.#values, start, block, low);
    const last = countUpTo(this.#values, start, block, high);
    if (first === last) return;
    const found = this.#found.fill(0);
    if ((last - first) * 2 <= block.length) {
      for (let i = first; i < last; i++) found[block[i] >>> 5] |= 1 << (block[i] & 31);
    } else {
      const present = this.#present.words(start + BLOCK_ROWS);
      found.set(present.subarray(start >>> 5, (start + BLOCK_ROWS) >>> 5));
      for (let i = 0; i < first; i++) found[block[i] >>> 5] &= ~(1 << (block[i] & 31));
      for (let i = last; i < block.length; i++) found[block[i] >>> 5] &= ~(1 << (block[i] & 31));
    }
    const words = Math.min(found.length, into.length - (start >>> 5), (end - start + 31) >>> 5);
    for (let i = 0; i < words; i++) into[(start >>> 5) + i] |= found[i];
  }

  #compareRows(start: number, { low, high }: NumberRange, end: number, into: Uint32Array): void {
    for (let row = start; row < end; row++) {
      const value = this.#values[row];
      if (value >= low && value <= high && this.#present.has(row)) into[row >>> 5] |= 1 << (row & 31);
    }
  }

  *#matchSet(wanted: ReadonlySet<unknown>, rows: number, into: Uint32Array): Steps {
    const end = Math.min(rows, this.#rows);
    for (let row = 0; row < end; row++) {
      if (this.#present.has(row) && wanted.has(this.#values[row])) into[row >>> 5] |= 1 << (row & 31);
      if (row % (BLOCK_ROWS * 2) === 0) yield;
    }
  }
}

/** The range of a condition that is one; undefined for others. */
function singleRange(condition: Condition): NumberRange | undefined {
  if (condition.kind === 'compare' || condition.kind === 'range') return rangeOf(condition);
  return condition.kind === 'in' && condition.values.length === 1 ? only(Number(condition.values[0])) : undefined;
}

/** Whether words from `start` to before `end` are 0, as far as there are any. */
function isEmpty(words: Uint32Array, start: number, end: number): boolean {
  for (let i = start; i < Math.min(end, words.length); i++) if (words[i] !== 0) return false;
  return true;
}

function only(value: number): NumberRange {
  return { low: value, high: value };
}
