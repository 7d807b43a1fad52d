import { NearfieldError } from '../errors/index.js';

/** Something that holds memory. */
interface Holder {
  readonly bytes: number;
}

/** The bytes that the vector indexes of a database may hold in memory, all collections together. */
export class MemoryBudget {
  readonly #holders = new Set<Holder>();

  /** @param limit in bytes; Infinity for none */
  constructor(readonly limit: number) {}

  get used(): number {
    let total = 0;
    for (const { bytes } of this.#holders) total += bytes;
    return total;
  }

  /** Whether so many bytes more are within the limit. */
  has(bytes: number): boolean {
    return this.limit === Infinity || this.used + bytes <= this.limit;
  }

  /** Throws MEMORY_EXHAUSTED unless so many bytes more are within the limit. */
  check(bytes: number): void {
    if (this.has(bytes)) return;
    throw new NearfieldError('MEMORY_EXHAUSTED', 'The memory budget of the database is used up', {
      expected: `at most ${this.limit} bytes of indexes in memory`,
      received: `${this.used} in use and ${bytes} more`,
      remedy: 'Raise `memoryBudget` in open(), or give the vector `quantization: "int8"` or "binary".',
    });
  }

  add(holder: Holder): void {
    this.#holders.add(holder);
  }

  remove(holder: Holder): void {
    this.#holders.delete(holder);
  }
}
