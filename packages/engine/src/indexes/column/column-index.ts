import type { FieldType } from '../../schema/index.js';

/** The values of one field of every record row, in memory, for filters and ordering. `undefined` is a missing value. */
export interface ColumnIndex {
  /** Sets the value of the next rows up to `row`: rows in between have none. `value` has been checked against the type. */
  append(row: number, value: unknown): void;
  read(row: number): unknown;
  readonly bytes: number;
}

export function createColumn(type: FieldType): ColumnIndex {
  switch (type) {
    case 'integer':
    case 'float':
    case 'datetime':
      return new NumberColumn();
    case 'keyword':
    case 'keyword[]':
      return new KeywordColumn();
    case 'boolean':
    case 'geo':
    case 'text':
    case 'image':
    case 'audio':
    case 'json':
      return new ValueColumn();
    default:
      return type satisfies never;
  }
}

/** Numbers, and dates as milliseconds since the epoch; NaN stands for missing. */
class NumberColumn implements ColumnIndex {
  #values = new Float64Array(256).fill(NaN);

  get bytes(): number {
    return this.#values.byteLength;
  }

  append(row: number, value: unknown): void {
    if (value === undefined) return;
    if (row >= this.#values.length) {
      const grown = new Float64Array(Math.max(row + 1, this.#values.length * 2)).fill(NaN, this.#values.length);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[row] = Number(value);
  }

  read(row: number): number | undefined {
    const value = this.#values[row];
    return Number.isNaN(value) ? undefined : value;
  }
}

class ValueColumn implements ColumnIndex {
  readonly #values: unknown[] = [];

  get bytes(): number {
    return this.#values.length * 8;
  }

  append(row: number, value: unknown): void {
    while (this.#values.length < row) this.#values.push(undefined);
    this.#values.push(value);
  }

  read(row: number): unknown {
    return this.#values[row];
  }
}

/** Keywords and lists of keywords; equal keywords share one string. */
class KeywordColumn extends ValueColumn {
  readonly #dictionary = new Map<string, string>();

  override append(row: number, value: unknown): void {
    if (typeof value === 'string') super.append(row, this.#shared(value));
    else super.append(row, Array.isArray(value) ? value.map((keyword) => this.#shared(String(keyword))) : undefined);
  }

  #shared(keyword: string): string {
    const known = this.#dictionary.get(keyword);
    if (known !== undefined) return known;
    this.#dictionary.set(keyword, keyword);
    return keyword;
  }
}
