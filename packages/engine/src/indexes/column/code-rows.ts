import { Bitset } from '../bitset.js';
import { grown } from './grown.js';

/** A code is dense when more than one row in so many has it: a bitmap of all rows is then smaller than a list. */
const DENSE = 32;
/** Below this many rows a list is always good enough. */
const FEW = 64;

/**
 * The rows that have each code, by entry: a row of a single-valued field, an element of a list. Entries of one code are
 * chained from the last to the first, which costs four bytes an entry however many codes there are; frequent codes have a
 * bitmap besides.
 */
export class CodeRows {
  /** By code: how many rows. */
  #counts = new Uint32Array(16);
  /** By code: the last entry, plus 1. */
  #heads = new Uint32Array(16);
  /** By entry: the entry of the same code before it, plus 1. */
  #previous = new Uint32Array(256);
  readonly #bitmaps = new Map<number, Bitset>();
  /** By code: its rows, as far as they were asked for. Together no more than the entries. */
  readonly #lists = new Map<number, Uint32Array>();

  /** @param rowOf the row of an entry; rows ascend with entries */
  constructor(readonly rowOf: (entry: number) => number) {}

  get bytes(): number {
    let total = this.#counts.byteLength + this.#heads.byteLength + this.#previous.byteLength;
    for (const bitmap of this.#bitmaps.values()) total += bitmap.bytes;
    for (const list of this.#lists.values()) total += list.byteLength;
    return total;
  }

  count(code: number): number {
    return code < this.#counts.length ? this.#counts[code] : 0;
  }

  /** Adds an entry, behind all others; no matter when its row has the code already. */
  add(code: number, entry: number): void {
    this.#counts = grown(this.#counts, code + 1);
    this.#heads = grown(this.#heads, code + 1);
    this.#previous = grown(this.#previous, entry + 1);
    const head = this.#heads[code];
    const row = this.rowOf(entry);
    if (head > 0 && this.rowOf(head - 1) === row) return;
    this.#previous[entry] = head;
    this.#heads[code] = entry + 1;
    const count = ++this.#counts[code];
    const bitmap = this.#bitmaps.get(code);
    if (bitmap !== undefined) bitmap.add(row);
    else if (count > FEW && count * DENSE > row) this.#bitmaps.set(code, this.#toBitmap(code, row));
  }

  /** Sets the bits of a code's rows below `rows`; bits behind may be set in the last word. `first`: no bit is set yet. */
  match(code: number, rows: number, into: Uint32Array, first = false): void {
    const bitmap = this.#bitmaps.get(code);
    if (bitmap !== undefined) {
      const words = bitmap.words(rows);
      if (first) into.set(words);
      else for (let i = 0; i < words.length; i++) into[i] |= words[i];
      return;
    }
    for (let link = this.#heads[code]; link > 0; link = this.#previous[link - 1]) {
      const row = this.rowOf(link - 1);
      if (row < rows) into[row >>> 5] |= 1 << (row & 31);
    }
  }

  /** The rows of a code below `rows`, each once, ascending: a copy. */
  list(code: number, rows: number): Uint32Array {
    const list = this.#listOf(code);
    let length = list.length;
    while (length > 0 && list[length - 1] >= rows) length--;
    return list.slice(0, length);
  }

  /** Lists that were asked for are kept, as jumps from entry to entry take several times as long as reading a list. */
  #listOf(code: number): Uint32Array {
    const count = this.count(code);
    const known = this.#lists.get(code);
    if (known?.length === count) return known;
    const first = known?.length ?? 0;
    const list = new Uint32Array(count);
    if (known !== undefined) list.set(known);
    let link = this.#heads[code];
    for (let i = count - 1; i >= first; i--) {
      list[i] = this.rowOf(link - 1);
      link = this.#previous[link - 1];
    }
    if (count > FEW) this.#lists.set(code, list);
    return list;
  }

  /** How many steps `match` takes. */
  cost(code: number, rows: number): number {
    return this.#bitmaps.has(code) ? rows >>> 5 : this.count(code);
  }

  #toBitmap(code: number, last: number): Bitset {
    const bitmap = new Bitset(last + 1);
    for (let link = this.#heads[code]; link > 0; link = this.#previous[link - 1]) bitmap.add(this.rowOf(link - 1));
    return bitmap;
  }
}
