import { compileFilter, filterFields, type Condition, type Filter } from '../filter/index.js';
import { Bitset, type Steps } from '../indexes/index.js';
import { estimateRows } from '../plan/index.js';
import type { RowValues } from './row-values.js';

/** Groups of up to so many clauses are put in order; to estimate more would cost more than it saves. */
const ORDERED_CLAUSES = 16;
/** Candidates are tested one by one where they are fewer than one row in so many. */
const FEW_CANDIDATES = 128;
/** Rows in memory that are tested between two pauses. */
const STEP_ROWS = 512;
/** Ids that are looked up in the file one by one; more are compared with those of all rows. */
const LOOKUP_IDS = 256;

/**
 * The rows of `within` that pass a filter, found by set operations on words of 32 rows. Clauses that a column index
 * answers come first, the most selective one before the others; stored records are read for the rows that they leave.
 * Rows that die meanwhile may be missing.
 */
export class RowMatcher {
  readonly #values: RowValues;
  /** Whether ids may be looked up in the file: a reader's file may be ahead of its table. */
  readonly #idsInFile: boolean;

  constructor(values: RowValues, idsInFile: boolean) {
    this.#values = values;
    this.#idsInFile = idsInFile;
  }

  /** @param within words of the rows below 32 times its length, all of which the table has; not changed */
  *match(filter: Filter, within: Uint32Array): Steps<Uint32Array> {
    switch (filter.kind) {
      case 'all':
        return within;
      case 'none':
        return new Uint32Array(within.length);
      case 'and':
        return yield* this.#matchAnd(filter.children, within);
      case 'or':
        return yield* this.#matchOr(filter.children, within);
      case 'not':
        return without(within, yield* this.match(filter.child, within));
      default:
        return yield* this.#matchCondition(filter, within);
    }
  }

  *#matchAnd(children: readonly Filter[], within: Uint32Array): Steps<Uint32Array> {
    const { byIndex, composite, byRow } = this.#sorted(children, 'and');
    let left = within;
    let rows = Infinity;
    for (const child of [...byIndex, ...composite]) {
      const few = rows * FEW_CANDIDATES < this.#values.table.rows && this.#isInMemory(child);
      left = few ? yield* this.#testRows(child, left) : yield* this.match(child, left);
      rows = Bitset.of(left).count();
      if (rows === 0) return left;
    }
    return byRow.length === 0 ? left : yield* this.#testRows({ kind: 'and', children: byRow }, left);
  }

  *#matchOr(children: readonly Filter[], within: Uint32Array): Steps<Uint32Array> {
    const { byIndex, composite, byRow } = this.#sorted(children, 'or');
    let found: Uint32Array = new Uint32Array(within.length);
    for (const child of byIndex) found = or(found, yield* this.match(child, within));
    for (const child of composite) found = or(found, yield* this.match(child, without(within, found)));
    if (byRow.length === 0) return found;
    return or(found, yield* this.#testRows({ kind: 'or', children: byRow }, without(within, found)));
  }

  /** Clauses that indexes answer, in the order in which they decide most; clauses of clauses; and those that read records. */
  #sorted(children: readonly Filter[], kind: 'and' | 'or') {
    const byIndex: Filter[] = [];
    const composite: Filter[] = [];
    const byRow: Filter[] = [];
    for (const child of children) {
      const condition = child.kind === 'not' ? child.child : child;
      if (condition.kind === 'and' || condition.kind === 'or') composite.push(child);
      else (this.#isInMemory(child) ? byIndex : byRow).push(child);
    }
    if (kind === 'and' && byIndex.length > 1 && byIndex.length <= ORDERED_CLAUSES) {
      const { table } = this.#values;
      const expected = new Map(byIndex.map((child) => [child, estimateRows(child, table).expected]));
      byIndex.sort((a, b) => expected.get(a)! - expected.get(b)!);
    }
    // Those in memory before those that read records.
    const inMemory = composite.filter((child) => this.#isInMemory(child));
    return { byIndex, composite: [...inMemory, ...composite.filter((child) => !inMemory.includes(child))], byRow };
  }

  *#matchCondition(condition: Condition, within: Uint32Array): Steps<Uint32Array> {
    const { field, keys } = condition.target;
    const column = keys.length === 0 ? this.#values.table.columns.get(field) : undefined;
    if (column !== undefined) {
      const into = new Uint32Array(within.length);
      yield* column.match(condition, Math.min(within.length * 32, this.#values.table.rows), into);
      return and(into, within);
    }
    if (field === 'id' && this.#idsInFile && condition.kind === 'in' && condition.values.length <= LOOKUP_IDS) {
      return and(this.#lookUp(condition.values, within.length), within);
    }
    return yield* this.#testRows(condition, within);
  }

  #lookUp(ids: readonly unknown[], length: number): Uint32Array {
    const { table, store } = this.#values;
    const found = new Uint32Array(length);
    for (const id of ids) {
      if (typeof id !== 'string' && !(Number.isSafeInteger(id) && (id as number) >= 0)) continue;
      const key = store.keyOf(id as string | number);
      const row = key === undefined ? -1 : table.keys.rowOf(key);
      if (row >= 0 && row < length * 32) found[row >>> 5] |= 1 << (row & 31);
    }
    return found;
  }

  /** Tests row by row; a pause may come behind every row that is read from the file, as it may be megabytes. */
  *#testRows(filter: Filter, within: Uint32Array): Steps<Uint32Array> {
    const { alive } = this.#values.table;
    const test = compileFilter(filter, (field) => this.#values.reader(field));
    const step = this.#isInMemory(filter) ? STEP_ROWS : 1;
    const found = new Uint32Array(within.length);
    let tested = 0;
    for (let i = 0; i < within.length; i++) {
      for (let word = within[i]; word !== 0; word &= word - 1) {
        const bit = 31 - Math.clz32(word & -word);
        // A row that has died since has no record any more.
        if (alive.has(i * 32 + bit) && test(i * 32 + bit)) found[i] |= 1 << bit;
        if (++tested % step === 0) yield;
      }
    }
    return found;
  }

  #isInMemory(filter: Filter): boolean {
    return filterFields(filter).every((field) => this.#values.isInMemory(field));
  }
}

function and(a: Uint32Array, b: Uint32Array): Uint32Array {
  for (let i = 0; i < a.length; i++) a[i] &= b[i];
  return a;
}

function or(a: Uint32Array, b: Uint32Array): Uint32Array {
  for (let i = 0; i < a.length; i++) a[i] |= b[i];
  return a;
}

/** What is in `all` and not in `some`. */
function without(all: Uint32Array, some: Uint32Array): Uint32Array {
  const rest = new Uint32Array(all.length);
  for (let i = 0; i < all.length; i++) rest[i] = all[i] & ~some[i];
  return rest;
}
