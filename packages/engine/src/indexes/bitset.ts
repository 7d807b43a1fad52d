/** A growable set of small non-negative integers, a bit each, in 32-bit words as the kernel reads them. */
export class Bitset {
  #words: Uint32Array;

  constructor(capacity = 0) {
    this.#words = new Uint32Array(Math.max(1, (capacity + 31) >>> 5));
  }

  /** The set whose bits are those of `words`, which it shares. */
  static of(words: Uint32Array): Bitset {
    const set = new Bitset();
    set.#words = words;
    return set;
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  /** The words that hold at least `length` bits; bits that were never set are 0. Shared, not copied. */
  words(length: number): Uint32Array {
    this.#reserve(length);
    return this.#words.subarray(0, (length + 31) >>> 5);
  }

  has(bit: number): boolean {
    return bit >>> 5 < this.#words.length && ((this.#words[bit >>> 5] >>> (bit & 31)) & 1) === 1;
  }

  add(bit: number): void {
    this.#reserve(bit + 1);
    this.#words[bit >>> 5] |= 1 << (bit & 31);
  }

  delete(bit: number): void {
    if (bit >>> 5 < this.#words.length) this.#words[bit >>> 5] &= ~(1 << (bit & 31));
  }

  /** Keeps what is in `other` too. */
  intersect(other: Bitset): this {
    const theirs = other.#words;
    for (let i = 0; i < this.#words.length; i++) this.#words[i] &= i < theirs.length ? theirs[i] : 0;
    return this;
  }

  /** Adds what is in `other`. */
  unite(other: Bitset): this {
    this.#reserve(other.#words.length * 32);
    for (let i = 0; i < other.#words.length; i++) this.#words[i] |= other.#words[i];
    return this;
  }

  clone(): Bitset {
    const copy = new Bitset();
    copy.#words = this.#words.slice();
    return copy;
  }

  /** How many bits are set. */
  count(): number {
    let total = 0;
    const words = this.#words;
    for (let i = 0; i < words.length; i++) if (words[i] !== 0) total += populationCount(words[i]);
    return total;
  }

  /** The set bits, ascending. */
  toArray(): Uint32Array {
    const bits = new Uint32Array(this.count());
    let next = 0;
    for (let i = 0; i < this.#words.length; i++) {
      for (let word = this.#words[i]; word !== 0; word &= word - 1) {
        bits[next++] = i * 32 + (31 - Math.clz32(word & -word));
      }
    }
    return bits;
  }

  #reserve(length: number): void {
    const needed = (length + 31) >>> 5;
    if (needed <= this.#words.length) return;
    const grown = new Uint32Array(Math.max(needed, this.#words.length * 2));
    grown.set(this.#words);
    this.#words = grown;
  }
}

/** Bits set in a 32-bit word (Warren, Hacker's Delight, 2nd ed., section 5-1, 2012). */
function populationCount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
