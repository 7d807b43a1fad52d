import { compileFilter, filterFields, type Condition, type Filter } from '../filter/index.js';
import { Bitset, type Steps } from '../indexes/index.js';
import { estimateRows } from '../plan/index.js';
import type { RowValues } from './row-values.js';

/** Groups of up to so many clauses are put in order; to estimate more would cost more than it saves. */
const ORDERED_CLAUSES = 16;
/** Candidates are a list, of which each is tested, where they are fewer than one row in so many, and than this. */
const FEW_CANDIDATES = 16;
const LONGEST_LIST = 65_536;
/** Clauses for which there is no column that can do so fast are tested on lists that are shorter than one row in so many. */
const FEW_TESTED = 128;
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

  /** The rows below this are matched: those that the table has at first. */
  readonly #rows: number;

  constructor(values: RowValues, idsInFile: boolean) {
    this.#values = values;
    this.#idsInFile = idsInFile;
    this.#rows = values.table.rows;
  }

  /**
   * @param within rows of the table, of which some may die and others come meanwhile; not changed
   * @returns a set of its own, in which rows that came may be or not
   */
  *match(filter: Filter, within: Bitset): Steps<Bitset> {
    switch (filter.kind) {
      case 'all':
        return within.clone();
      case 'none':
        return new Bitset();
      case 'and':
        return yield* this.#matchAnd(filter.children, within);
      case 'or':
        return yield* this.#matchOr(filter.children, within);
      case 'not':
        return within.clone().subtract(yield* this.match(filter.child, within));
      default:
        return yield* this.#matchCondition(filter, within);
    }
  }

  *#matchAnd(children: readonly Filter[], within: Bitset): Steps<Bitset> {
    const { byIndex, composite, mixed, byRow } = this.#sorted(children, 'and');
    let left = yield* this.#matchInMemory([...byIndex, ...composite], within);
    for (const child of mixed) left = yield* this.match(child, left);
    return byRow.length === 0 ? left : yield* this.#testRows({ kind: 'and', children: byRow }, left);
  }

  /** The rows of `within` that pass all the clauses, which go on with a list as soon as few rows are left. */
  *#matchInMemory(clauses: readonly Filter[], within: Bitset): Steps<Bitset> {
    let left = within;
    let list = clauses.length > 0 ? this.#listed(clauses[0], within) : undefined;
    for (const [at, clause] of clauses.entries()) {
      if (list !== undefined) {
        if (at > 0) list = yield* this.#keep(clause, list);
        continue;
      }
      left = yield* this.match(clause, left);
      if (at === clauses.length - 1) break;
      const rows = left.count();
      if (rows === 0) return left;
      if (rows <= this.#few(clauses[at + 1])) list = left.toArray();
    }
    return list === undefined ? left : Bitset.ofList(list, this.#rows);
  }

  /** The most candidates that are better tested on a list by a clause than matched by it. */
  #few(clause: Filter): number {
    const condition = clause.kind === 'not' ? clause.child : clause;
    const column = 'target' in condition ? this.#values.table.columns.get(condition.target.field) : undefined;
    return Math.min(LONGEST_LIST, this.#rows / (column?.keep === undefined ? FEW_TESTED : FEW_CANDIDATES));
  }

  /** The rows of `within` that pass a filter, where they are few and a column index has them as a list. */
  #listed(filter: Filter, within: Bitset): Uint32Array | undefined {
    if (!('target' in filter) || filter.target.keys.length > 0) return undefined;
    const list = this.#values.table.columns.get(filter.target.field)?.list?.(filter, this.#rows, this.#few(filter));
    if (list === undefined || this.#isEveryRow(within)) return list;
    const words = within.words(this.#rows);
    let length = 0;
    for (let i = 0; i < list.length; i++) {
      const row = list[i];
      list[length] = row;
      length += (words[row >>> 5] >>> (row & 31)) & 1;
    }
    return list.subarray(0, length);
  }

  /** Whether `within` is all the rows, none of which is dead. */
  #isEveryRow(within: Bitset): boolean {
    const { alive, rows, size } = this.#values.table;
    return within === alive && size === rows;
  }

  /** Those of a list of rows that pass a filter whose fields are in memory; the list itself is changed. */
  *#keep(filter: Filter, list: Uint32Array): Steps<Uint32Array> {
    const condition = filter.kind === 'not' ? filter.child : filter;
    if ('target' in condition && condition.target.keys.length === 0) {
      const column = this.#values.table.columns.get(condition.target.field);
      const kept = column?.keep?.(condition, list, condition === filter);
      yield;
      if (kept !== undefined) return kept;
    }
    if (list.length * FEW_TESTED > this.#rows) {
      return (yield* this.match(filter, Bitset.ofList(list, this.#rows))).toArray();
    }
    const test = compileFilter(filter, (field) => this.#values.reader(field));
    let length = 0;
    for (let i = 0; i < list.length; i++) {
      if (test(list[i])) list[length++] = list[i];
      if (i % STEP_ROWS === STEP_ROWS - 1) yield;
    }
    return list.subarray(0, length);
  }

  *#matchOr(children: readonly Filter[], within: Bitset): Steps<Bitset> {
    const { byIndex, composite, mixed, byRow } = this.#sorted(children, 'or');
    const found = new Bitset(this.#rows);
    for (const child of byIndex) found.unite(yield* this.match(child, within));
    for (const child of [...composite, ...mixed]) found.unite(yield* this.match(child, within.clone().subtract(found)));
    if (byRow.length === 0) return found;
    return found.unite(yield* this.#testRows({ kind: 'or', children: byRow }, within.clone().subtract(found)));
  }

  /**
   * Clauses that indexes answer, in the order in which they decide most; clauses of clauses, those in memory and those that
   * read records as well; and clauses that read records.
   */
  #sorted(children: readonly Filter[], kind: 'and' | 'or') {
    const byIndex: Filter[] = [];
    const composite: Filter[] = [];
    const mixed: Filter[] = [];
    const byRow: Filter[] = [];
    for (const child of children) {
      const condition = child.kind === 'not' ? child.child : child;
      const inMemory = this.#isInMemory(child);
      if (condition.kind === 'and' || condition.kind === 'or') (inMemory ? composite : mixed).push(child);
      else (inMemory ? byIndex : byRow).push(child);
    }
    if (kind === 'and' && byIndex.length > 1 && byIndex.length <= ORDERED_CLAUSES) {
      const { table } = this.#values;
      const expected = new Map<Filter, number>();
      let least = Infinity;
      // Ranges last, as they are counted: no further than to where another clause leaves fewer rows.
      for (const child of [...byIndex.filter((child) => !isRange(child)), ...byIndex.filter(isRange)]) {
        expected.set(child, estimateRows(child, table, least).expected);
        least = Math.min(least, expected.get(child)!);
      }
      byIndex.sort((a, b) => expected.get(a)! - expected.get(b)!);
    }
    return { byIndex, composite, mixed, byRow };
  }

  *#matchCondition(condition: Condition, within: Bitset): Steps<Bitset> {
    const list = this.#listed(condition, within);
    if (list !== undefined) return Bitset.ofList(list, this.#rows);
    const { field, keys } = condition.target;
    const column = keys.length === 0 ? this.#values.table.columns.get(field) : undefined;
    if (column !== undefined) {
      const words = new Uint32Array((this.#rows + 31) >>> 5);
      yield* column.match(condition, this.#rows, words, within.words(this.#rows));
      const found = Bitset.of(words);
      return this.#isEveryRow(within) ? found : found.intersect(within);
    }
    if (field === 'id' && this.#idsInFile && condition.kind === 'in' && condition.values.length <= LOOKUP_IDS) {
      return this.#lookUp(condition.values).intersect(within);
    }
    return yield* this.#testRows(condition, within);
  }

  #lookUp(ids: readonly unknown[]): Bitset {
    const { table, store } = this.#values;
    const found = new Bitset(this.#rows);
    for (const id of ids) {
      if (typeof id !== 'string' && !(Number.isSafeInteger(id) && (id as number) >= 0)) continue;
      const key = store.keyOf(id as string | number);
      const row = key === undefined ? -1 : table.keys.rowOf(key);
      if (row >= 0 && row < this.#rows) found.add(row);
    }
    return found;
  }

  /** Tests row by row; a pause may come behind every row that is read from the file, as it may be megabytes. */
  *#testRows(filter: Filter, within: Bitset): Steps<Bitset> {
    const { alive } = this.#values.table;
    const test = compileFilter(filter, (field) => this.#values.reader(field));
    const step = this.#isInMemory(filter) ? STEP_ROWS : 1;
    const words = within.words(this.#rows);
    const found = new Uint32Array(words.length);
    let tested = 0;
    for (let i = 0; i < words.length; i++) {
      for (let word = words[i]; word !== 0; word &= word - 1) {
        const bit = 31 - Math.clz32(word & -word);
        // A row that has died since has no record any more.
        if (alive.has(i * 32 + bit) && test(i * 32 + bit)) found[i] |= 1 << bit;
        if (++tested % step === 0) yield;
      }
    }
    return Bitset.of(found);
  }

  #isInMemory(filter: Filter): boolean {
    return filterFields(filter).every((field) => this.#values.isInMemory(field));
  }
}

function isRange({ kind }: Filter): boolean {
  return kind === 'compare' || kind === 'range';
}
