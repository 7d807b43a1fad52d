import { Bitset, FlatIndex } from '../indexes/index.js';
import type { DenseSpace } from '../store/index.js';
import { FlatSegment } from './flat-segment.js';
import type { KeyColumn } from './key-column.js';
import type { SegmentSize } from './merge-policy.js';
import type { SealedSegment } from './sealed-segment.js';

/** The segments of a space at one moment. The lists do not change; the last flat segment may grow at its end. */
export interface SegmentView {
  readonly sealed: readonly SealedSegment[];
  readonly flats: readonly FlatSegment[];
}

/**
 * One dense vector space in memory: sealed segments with their graphs, and flat segments that are scanned, of which the
 * last one takes what is committed. A vector is in exactly one segment. Lists are replaced, never changed, so that a
 * search that holds a view sees one state.
 */
export class VectorSegments {
  #view: SegmentView;
  /** Rows that have a vector here, and those that have several. */
  readonly #present = new Bitset();
  readonly #several = new Bitset();
  #records = 0;

  constructor(
    readonly space: DenseSpace,
    /** A flat segment with so many bytes of vectors is full, and the next vector begins another. */
    readonly flatBytes: number,
  ) {
    this.#view = { sealed: [], flats: [this.#newFlat()] };
  }

  get view(): SegmentView {
    return this.#view;
  }

  /** Live records that have a vector here. */
  get records(): number {
    return this.#records;
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

  /** The rows in `allowed` that have a vector here: a new set. */
  present(allowed: Bitset): Bitset {
    return this.#present.clone().intersect(allowed);
  }

  /** Makes sure that `count` more vectors fit, or throws MEMORY_EXHAUSTED. */
  reserve(count: number): void {
    this.#tail().index.reserve(count);
  }

  /** Adds the vectors of a record: parts x dimensions numbers (row-major), checked; they are copied. */
  append(row: number, key: number, vectors: Float32Array): void {
    this.#tail().append(row, key, vectors);
    this.#add(row, vectors.length / this.space.dimensions);
  }

  /** The record of a row has died. */
  remove(row: number): void {
    if (!this.#present.has(row)) return;
    this.#present.delete(row);
    this.#several.delete(row);
    this.#records--;
  }

  /** Begins a new flat segment, so that the ones before stand still. */
  freeze(): void {
    if (this.#last.index.size > 0) this.#view = { ...this.#view, flats: [...this.#view.flats, this.#newFlat()] };
  }

  /** Adds a sealed segment that was read from the file; its live records become present. */
  adopt(segment: SealedSegment, keys: KeyColumn, alive: Bitset): void {
    segment.locate(keys);
    for (const [row, parts] of segment.rows()) if (alive.has(row)) this.#add(row, parts);
    this.#view = { ...this.#view, sealed: [...this.#view.sealed, segment] };
  }

  /** Puts a new segment in the place of those that it was made of. */
  replace(segment: SealedSegment | undefined, gone: SegmentView, keys: KeyColumn): void {
    segment?.locate(keys);
    const sealed = this.#view.sealed.filter((old) => !gone.sealed.includes(old));
    const flats = this.#view.flats.filter((old) => !gone.flats.includes(old));
    if (flats.length === 0) flats.push(this.#newFlat());
    this.#view = { sealed: segment === undefined ? sealed : [...sealed, segment], flats };
  }

  /** The rows have new numbers: those of `keys`, by way of the `old` ones. */
  renumber(old: KeyColumn, keys: KeyColumn, alive: Bitset): void {
    const before = this.#several.clone();
    for (const set of [this.#present, this.#several]) set.clear();
    this.#records = 0;
    const owners = old.rowsIn(keys);
    for (const flat of this.#view.flats) flat.index.renumber(owners);
    for (const segment of this.#view.sealed) segment.locate(keys);
    for (const row of before.toArray()) if (owners[row] !== NO_ROW && alive.has(owners[row])) this.#several.add(owners[row]);
  }

  /** How many vectors of a segment live, and how many do not. */
  sizes(alive: Bitset): { readonly sealed: readonly SegmentSize[]; readonly flats: readonly SegmentSize[] } {
    const { sealed, flats } = this.#view;
    return {
      sealed: sealed.map((segment) => segment.sizes(alive)),
      flats: flats.map((flat) => flat.sizes(alive)),
    };
  }

  #add(row: number, parts: number): void {
    this.#present.add(row);
    if (parts > 1) this.#several.add(row);
    this.#records++;
  }

  get #last(): FlatSegment {
    return this.#view.flats[this.#view.flats.length - 1];
  }

  /** The flat segment that takes the next vectors. */
  #tail(): FlatSegment {
    const { dimensions } = this.space;
    if (this.#last.index.size * dimensions * 4 >= this.flatBytes) this.freeze();
    return this.#last;
  }

  #newFlat(): FlatSegment {
    return new FlatSegment(new FlatIndex(this.space.dimensions, this.space.metric));
  }
}
