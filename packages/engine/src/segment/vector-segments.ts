import { Bitset, FlatIndex } from '../indexes/index.js';
import type { DenseSpace } from '../store/index.js';
import { FlatSegment } from './flat-segment.js';
import { NO_ROW, type KeyColumn } from './key-column.js';
import type { MemoryBudget } from './memory-budget.js';
import type { SealedSegment } from './sealed-segment.js';

/** The segments of a space at one moment. The lists do not change; the last flat segment may grow at its end. */
export interface SegmentView {
  readonly sealed: readonly SealedSegment[];
  /** At least one. */
  readonly flats: readonly FlatSegment[];
}

/**
 * One dense vector space in memory: sealed segments with their graphs, and flat segments that are scanned, of which the
 * last one takes what is committed. A vector is in exactly one segment. Lists are replaced, never changed, so that a
 * search that holds a view sees one state.
 */
export class VectorSegments {
  #view: SegmentView;
  /** Live rows that have a vector here, and those of them that have several. */
  #present = new Bitset();
  #several = new Bitset();
  #records = 0;
  #removed = 0;
  /** Vectors of the commit that is on its way. */
  #expected = 0;
  /** Segments in the file that cannot be used: what they hold is scanned, and sealed anew. */
  readonly unusable = new Set<number>();

  /**
   * @param flatBytes a flat segment with so many bytes of vectors is full, and the next commit begins another
   */
  constructor(
    readonly space: DenseSpace,
    readonly flatBytes: number,
    readonly budget: MemoryBudget,
  ) {
    this.#view = { sealed: [], flats: [this.#newFlat()] };
    budget.add(this);
  }

  get view(): SegmentView {
    return this.#view;
  }

  /** Live records that have a vector here. */
  get records(): number {
    return this.#records;
  }

  /** Records that have died since the sizes of segments were last looked at. */
  get removed(): number {
    return this.#removed;
  }

  /** Vectors held, those of dead records included. */
  get size(): number {
    const { sealed, flats } = this.#view;
    return sealed.reduce((sum, { size }) => sum + size, 0) + flats.reduce((sum, { index }) => sum + index.size, 0);
  }

  get bytes(): number {
    const { sealed, flats } = this.#view;
    return sealed.reduce((sum, { bytes }) => sum + bytes, 0) + flats.reduce((sum, { index }) => sum + index.bytes, 0);
  }

  /** Whether the record of a row has several vectors here. */
  hasSeveral(row: number): boolean {
    return this.#several.has(row);
  }

  /** The live rows in `allowed` that have a vector here: a new set. */
  present(allowed: Bitset): Bitset {
    return this.#present.clone().intersect(allowed);
  }

  /** Makes sure that the `count` vectors of the next commit fit, or throws MEMORY_EXHAUSTED. */
  reserve(count: number): void {
    this.#expected = count;
    const last = this.#last;
    // A delete, or a record without a vector here, is never refused.
    if (count > 0) this.budget.check(count * this.space.dimensions * 4);
    if (last.index.size * this.space.dimensions * 4 >= this.flatBytes) this.freeze();
    else last.index.reserve(count);
  }

  /** The commit whose vectors were expected is here, or will not come. */
  settle(): void {
    this.#expected = 0;
  }

  /** Adds the vectors of a record: parts x dimensions numbers (row-major), checked; they are copied. */
  append(row: number, key: number, vectors: Float32Array): void {
    this.#last.append(row, key, vectors);
    this.#add(row, vectors.length / this.space.dimensions);
  }

  /** Notes a vector in the file whose record is gone. */
  addOrphan(key: number): void {
    this.#last.addOrphan(key);
  }

  /** The record of a row has died. */
  remove(row: number): void {
    if (!this.#present.has(row)) return;
    this.#present.delete(row);
    this.#several.delete(row);
    this.#records--;
    this.#removed++;
  }

  /** Begins a new flat segment, so that the ones before stand still. */
  freeze(): void {
    if (this.#last.run === undefined) return;
    const next = this.#newFlat();
    next.index.reserve(this.#expected);
    this.#view = { ...this.#view, flats: [...this.#view.flats, next] };
  }

  /** Adds a sealed segment that was read from the file; its live records become present. */
  adopt(segment: SealedSegment, keys: KeyColumn, alive: Bitset): void {
    segment.locate(keys);
    for (const [row, parts] of segment.rows()) if (alive.has(row)) this.#add(row, parts);
    this.#view = { ...this.#view, sealed: [...this.#view.sealed, segment] };
  }

  /** Puts a new segment, or nothing, in the place of those that it was made of. */
  replace(segment: SealedSegment | undefined, gone: SegmentView, keys: KeyColumn): void {
    segment?.locate(keys);
    const sealed = this.#view.sealed.filter((old) => !gone.sealed.includes(old));
    const flats = this.#view.flats.filter((old) => !gone.flats.includes(old));
    this.#view = { sealed: segment === undefined ? sealed : [...sealed, segment], flats };
    this.#removed = 0;
  }

  /** The rows of the records have new numbers, those of `keys` in place of the `old` ones. */
  renumber(old: KeyColumn, keys: KeyColumn): void {
    const rows = old.rowsIn(keys);
    const moved = (set: Bitset): Bitset => {
      const result = new Bitset(keys.length);
      for (const row of set.toArray()) if (rows[row] !== NO_ROW) result.add(rows[row]);
      return result;
    };
    this.#present = moved(this.#present);
    this.#several = moved(this.#several);
    this.#records = this.#present.count();
    for (const flat of this.#view.flats) flat.renumber(rows, old);
    this.#last.index.reserve(this.#expected);
    for (const segment of this.#view.sealed) segment.locate(keys);
    // Another view: a search of the rows as they were must not share a task with one of the rows as they are.
    this.#view = { ...this.#view };
  }

  /** Gives its share of the memory budget back; it is not used any more. */
  release(): void {
    this.budget.remove(this);
  }

  #add(row: number, parts: number): void {
    this.#present.add(row);
    if (parts > 1) this.#several.add(row);
    this.#records++;
  }

  get #last(): FlatSegment {
    return this.#view.flats[this.#view.flats.length - 1];
  }

  #newFlat(): FlatSegment {
    return new FlatSegment(new FlatIndex(this.space.dimensions, this.space.metric));
  }
}
