/** The keys of a segment's record rows: strictly ascending, so a key's row is found by binary search. */
export class KeyColumn {
  #keys = new Float64Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#keys.byteLength;
  }

  /** The greatest key, or 0. */
  get last(): number {
    return this.#length === 0 ? 0 : this.#keys[this.#length - 1];
  }

  at(row: number): number {
    return this.#keys[row];
  }

  append(key: number): void {
    if (this.#length === this.#keys.length) {
      const grown = new Float64Array(this.#length * 2);
      grown.set(this.#keys);
      this.#keys = grown;
    }
    this.#keys[this.#length++] = key;
  }

  /** The row of a key, or -1. */
  rowOf(key: number): number {
    let low = 0;
    let high = this.#length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      if (this.#keys[middle] === key) return middle;
      if (this.#keys[middle] < key) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}
