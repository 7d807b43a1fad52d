/** The records that contain one term, with the weight of the term in each: growable arrays, in order of record row. */
export class Postings {
  #records = new Uint32Array(2);
  #weights = new Float32Array(2);
  #length = 0;
  /** How many of the records are alive: the document frequency. */
  alive = 0;

  get records(): Uint32Array {
    return this.#records;
  }

  get weights(): Float32Array {
    return this.#weights;
  }

  /** Entries in use in `records` and `weights`. */
  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#records.byteLength + this.#weights.byteLength;
  }

  append(record: number, weight: number): void {
    if (this.#length === this.#records.length) {
      const capacity = Math.ceil(this.#length * 1.5) + 1;
      this.#records = grown(this.#records, new Uint32Array(capacity));
      this.#weights = grown(this.#weights, new Float32Array(capacity));
    }
    this.#records[this.#length] = record;
    this.#weights[this.#length++] = weight;
    this.alive++;
  }
}

function grown<T extends Uint32Array | Float32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
