import { countWords, intersectWords, subtractWords, uniteWords } from './bit-words.js';

/** A growable set of small non-negative integers, a bit each, in 32-bit words as the kernel reads them. */
export class Bitset {
  #words: Uint32Array;
  /** How many bits are set, where that is known. */
  #count: number | undefined;
  /** The bits as a list, as long as there are no words, and how many bits those are to hold. */
  #list: Uint32Array | undefined;
  #capacity = 0;

  constructor(capacity = 0) {
    this.#words = new Uint32Array(Math.max(1, (capacity + 31) >>> 5));
  }

  /** The set whose bits are those of `words`, which it shares, and which nobody changes any more. */
  static of(words: Uint32Array): Bitset {
    const set = new Bitset();
    set.#words = words;
    return set;
  }

  /** The set of all bits below `end`. */
  static below(end: number): Bitset {
    const set = new Bitset(end);
    set.#words.fill(0xffffffff, 0, end >>> 5);
    if (end % 32 > 0) set.#words[end >>> 5] = 2 ** (end % 32) - 1;
    set.#count = end;
    return set;
  }

  /** The set of the bits of a list, in which each is once, all below `capacity`. Few of them stay a list until words are needed. */
  static ofList(list: Uint32Array, capacity: number): Bitset {
    const set = new Bitset();
    set.#capacity = capacity;
    set.#count = list.length;
    if (list.length * 32 < capacity) set.#list = list.slice();
    else set.#unpack(list);
    return set;
  }

  get bytes(): number {
    return (this.#list ?? this.#words).byteLength;
  }

  /** The words that hold at least `length` bits; bits that were never set are 0. Shared, not copied, and not to be changed. */
  words(length: number): Uint32Array {
    this.#reserve(length);
    return this.#bits.subarray(0, (length + 31) >>> 5);
  }

  has(bit: number): boolean {
    return bit >>> 5 < this.#bits.length && ((this.#bits[bit >>> 5] >>> (bit & 31)) & 1) === 1;
  }

  add(bit: number): void {
    this.#reserve(bit + 1);
    this.#count = undefined;
    this.#bits[bit >>> 5] |= 1 << (bit & 31);
  }

  delete(bit: number): void {
    this.#count = undefined;
    if (bit >>> 5 < this.#bits.length) this.#bits[bit >>> 5] &= ~(1 << (bit & 31));
  }

  /** Keeps what is in `other` too. */
  intersect(other: Bitset): this {
    const [mine, theirs] = [this.#bits, other.#bits];
    const common = Math.min(mine.length, theirs.length);
    intersectWords(mine, theirs, common);
    mine.fill(0, common);
    this.#count = undefined;
    return this;
  }

  /** Adds what is in `other`. */
  unite(other: Bitset): this {
    this.#reserve(other.#bits.length * 32);
    const [mine, theirs] = [this.#bits, other.#bits];
    uniteWords(mine, theirs, theirs.length);
    this.#count = undefined;
    return this;
  }

  /** Drops what is in `other`. */
  subtract(other: Bitset): this {
    const [mine, theirs] = [this.#bits, other.#bits];
    const common = Math.min(mine.length, theirs.length);
    subtractWords(mine, theirs, common);
    this.#count = undefined;
    return this;
  }

  clone(): Bitset {
    const copy = new Bitset();
    copy.#words = this.#bits.slice();
    copy.#count = this.#count;
    return copy;
  }

  /** How many bits are set. */
  count(): number {
    return (this.#count ??= countWords(this.#bits));
  }

  /** The set bits, ascending. */
  toArray(): Uint32Array {
    const [bits, words] = [new Uint32Array(this.count()), this.#bits];
    let next = 0;
    for (let i = 0; i < words.length; i++) {
      for (let word = words[i]; word !== 0; word &= word - 1) {
        bits[next++] = i * 32 + (31 - Math.clz32(word & -word));
      }
    }
    return bits;
  }

  #reserve(length: number): void {
    const needed = (length + 31) >>> 5;
    if (needed <= this.#bits.length) return;
    const grown = new Uint32Array(Math.max(needed, this.#words.length * 2));
    grown.set(this.#words);
    this.#words = grown;
  }

  get #bits(): Uint32Array {
    return this.#list === undefined ? this.#words : this.#unpack(this.#list);
  }

  #unpack(list: Uint32Array): Uint32Array {
    const words = new Uint32Array(Math.max(1, (this.#capacity + 31) >>> 5));
    for (let i = 0; i < list.length; i++) words[list[i] >>> 5] |= 1 << (list[i] & 31);
    this.#list = undefined;
    return (this.#words = words);
  }
}
