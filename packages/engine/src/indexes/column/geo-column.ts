import {
  between,
  boundsOf,
  compileCondition,
  compileRegion,
  exactly,
  type Cardinality,
  type Condition,
  type Region,
  type RegionBounds,
} from '../../filter/index.js';
import { Bitset } from '../bitset.js';
import { CodeRows } from './code-rows.js';
import type { ColumnIndex, Steps } from './column-index.js';
import { cellOf, cellsWithin, isWithin, shareWithin } from './geo-cells.js';
import { grown } from './grown.js';

/** Cells that an estimate looks at. */
const SAMPLED_CELLS = 1024;
/** Points that are tested between two pauses. */
const STEP_ROWS = 2048;

/** Points: their coordinates, and the rows of each cell of a grid. A region is looked up by cells, then tested exactly. */
export class GeoColumn implements ColumnIndex {
  #longitudes = new Float64Array(256);
  #latitudes = new Float64Array(256);
  readonly #present = new Bitset();
  /** The numbers of the cells that have points, by code, and their codes. */
  readonly #cells: number[] = [];
  readonly #codes = new Map<number, number>();
  readonly #rows = new CodeRows((row) => row);
  #count = 0;

  get bytes(): number {
    const coordinates = this.#longitudes.byteLength + this.#latitudes.byteLength;
    return coordinates + this.#present.bytes + this.#cells.length * 40 + this.#rows.bytes;
  }

  append(row: number, value: unknown): void {
    if (!Array.isArray(value)) return;
    const [longitude, latitude] = value as [number, number];
    this.#longitudes = grown(this.#longitudes, row + 1);
    this.#latitudes = grown(this.#latitudes, row + 1);
    this.#longitudes[row] = longitude;
    this.#latitudes[row] = latitude;
    this.#present.add(row);
    const cell = cellOf(longitude, latitude);
    let code = this.#codes.get(cell);
    if (code === undefined) this.#codes.set(cell, (code = this.#cells.push(cell) - 1));
    this.#rows.add(code, row);
    this.#count++;
  }

  read(row: number): [longitude: number, latitude: number] | undefined {
    return this.#present.has(row) ? [this.#longitudes[row], this.#latitudes[row]] : undefined;
  }

  estimate(condition: Condition): Cardinality {
    switch (condition.kind) {
      case 'exists':
        return exactly(this.#count);
      case 'within':
        return this.#estimateRegion(condition.region);
      case 'equals': {
        const code = this.#codeOfPoint(condition.value);
        const rows = code === undefined ? 0 : this.#rows.count(code);
        return between(0, Math.min(1, rows), rows);
      }
      default:
        return exactly(0);
    }
  }

  *match(condition: Condition, rows: number, into: Uint32Array): Steps {
    switch (condition.kind) {
      case 'exists':
        into.set(this.#present.words(rows));
        return;
      case 'within':
        return yield* this.#matchRegion(condition.region, rows, into);
      case 'equals': {
        const code = this.#codeOfPoint(condition.value);
        if (code === undefined) return;
        const test = compileCondition(condition);
        this.#rows.match(code, rows, into);
        yield* this.#keep(into, (row) => test(this.read(row)));
      }
    }
  }

  #codeOfPoint(point: unknown): number | undefined {
    const [longitude, latitude] = point as [number, number];
    return this.#codes.get(cellOf(longitude, latitude));
  }

  #estimateRegion(region: Region): Cardinality {
    const bounds = boundsOf(region);
    const codes = this.#codesWithin(bounds, SAMPLED_CELLS);
    const sampled = codes ?? Array.from({ length: Math.min(SAMPLED_CELLS, this.#cells.length) }, (_, code) => code);
    let expected = 0;
    let max = 0;
    for (const code of sampled) {
      const share = shareWithin(this.#cells[code], bounds);
      expected += this.#rows.count(code) * share;
      if (share > 0) max += this.#rows.count(code);
    }
    // A circle fills so much of the box round it.
    if (region.kind !== 'box') expected *= Math.PI / 4;
    if (codes !== undefined) return between(0, expected, max);
    return between(0, (expected * this.#cells.length) / sampled.length, this.#count);
  }

  *#matchRegion(region: Region, rows: number, into: Uint32Array): Steps {
    const bounds = boundsOf(region);
    const codes = this.#codesWithin(bounds, rows / 8);
    let cost = 0;
    for (const code of codes ?? []) cost += this.#rows.cost(code, rows);
    // Bit by bit through most of the points is slower than comparing all in order.
    if (codes === undefined || cost > rows / 2) yield* this.#matchBounds(bounds, rows, into);
    else for (const code of codes) this.#rows.match(code, rows, into);
    const encloses = compileRegion(region);
    yield* this.#keep(into, (row) => encloses(this.#longitudes[row], this.#latitudes[row]));
  }

  /** Sets the bits of the points within a box or several. */
  *#matchBounds(bounds: RegionBounds, rows: number, into: Uint32Array): Steps {
    const end = Math.min(rows, this.#latitudes.length);
    for (let row = 0; row < end; row++) {
      if (isWithin(this.#longitudes[row], this.#latitudes[row], bounds)) into[row >>> 5] |= 1 << (row & 31);
      if (row % (STEP_ROWS * 8) === 0) yield;
    }
    const present = this.#present.words(rows);
    for (let i = 0; i < into.length; i++) into[i] &= present[i];
  }

  /** Clears the bits of the rows that do not pass. */
  *#keep(words: Uint32Array, test: (row: number) => boolean): Steps {
    let tested = 0;
    for (let i = 0; i < words.length; i++) {
      for (let word = words[i]; word !== 0; word &= word - 1) {
        const bit = 31 - Math.clz32(word & -word);
        if (!test(i * 32 + bit)) words[i] &= ~(1 << bit);
        tested++;
      }
      if (tested < STEP_ROWS) continue;
      tested = 0;
      yield;
    }
  }

  /** The codes of the cells that a box touches; undefined when there are more than `limit` to look up. */
  #codesWithin(bounds: RegionBounds, limit: number): number[] | undefined {
    const cells = cellsWithin(bounds, limit);
    if (cells !== undefined) return cells.map((cell) => this.#codes.get(cell)).filter((code) => code !== undefined);
    if (this.#cells.length > limit) return undefined;
    const codes: number[] = [];
    for (const [code, cell] of this.#cells.entries()) if (shareWithin(cell, bounds) > 0) codes.push(code);
    return codes;
  }
}
