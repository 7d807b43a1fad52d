/** No row: the owner of a vector whose record is gone. */
export const NO_ROW = 0xffff_ffff;

/** The keys of a table's record rows: strictly ascending, so a key's row is found by binary search. */
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

  /** The row in `other` of each key that is here, NO_ROW for those that it has not. */
  rowsIn(other: KeyColumn): Uint32Array {
    return other.rowsOf(this.#keys.subarray(0, this.#length));
  }

  /** The rows of many keys, NO_ROW for those that are not here; a key that follows the one before it costs no search. */
  rowsOf(keys: Float64Array): Uint32Array {
    const rows = new Uint32Array(keys.length);
    let last = -1;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      let row: number;
      if (last >= 0 && this.#keys[last] === key) row = last;
      else if (last + 1 < this.#length && this.#keys[last + 1] === key) row = last + 1;
      else row = this.rowOf(key);
      rows[i] = row < 0 ? NO_ROW : row;
      if (row >= 0) last = row;
    }
    return rows;
  }
}
