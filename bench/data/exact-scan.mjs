import { simdKernel } from '@nearfield/engine/internals/distance/kernel';
import { readTopK, resetTopK, topKBytes } from '@nearfield/engine/internals/distance/top-k';

/** The kernel keeps the first bytes of its memory for itself. */
const FIRST_FREE = 1024;
const PAGE = 65_536;
/** Rows that all queries scan before the next are begun: they stay in the processor's cache meanwhile. */
const TILE_BYTES = 256 * 1024;

/** Exact cosine neighbours by scanning all rows with Nearfield's SIMD kernel. */
export class ExactScan {
  #memory;
  #kernel;
  #stride;
  #dimensions;
  #queries;
  #owners;
  #vectors;

  /** Room for `rows` of `vectors` (one after the other), and for `queries` that are asked at a time. */
  constructor(vectors, dimensions, rows, queries) {
    this.#dimensions = dimensions;
    this.#stride = Math.ceil(dimensions / 4) * 16;
    this.#vectors = FIRST_FREE;
    this.#owners = this.#vectors + rows * this.#stride;
    this.#queries = Math.ceil((this.#owners + rows * 4) / 16) * 16;
    const bytes = this.#queries + queries * (this.#stride + this.#heapBytes(100));
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE), maximum: PAGE, shared: true });
    this.#kernel = simdKernel(this.#memory);
    new Uint32Array(this.#memory.buffer, this.#owners, rows).forEach((_, i, owners) => (owners[i] = i));
    for (let row = 0; row < rows; row++) {
      this.#write(this.#vectors + row * this.#stride, vectors.subarray(row * dimensions, (row + 1) * dimensions));
    }
  }

  /**
   * The `k` (at most 100) nearest among the first `rows` rows for each of `queries`, best first:
   * [{ ids: Int32Array, scores: Float32Array }].
   */
  search(queries, k, rows) {
    const heapBytes = this.#heapBytes(k);
    const heaps = this.#queries + queries.length * this.#stride;
    for (const [i, query] of queries.entries()) {
      this.#write(this.#queries + i * this.#stride, query);
      resetTopK(this.#memory.buffer, heaps + i * heapBytes, Math.min(k, rows));
    }
    const tile = Math.max(1, Math.floor(TILE_BYTES / this.#stride));
    for (let row = 0; row < rows; row += tile) {
      const vectors = this.#vectors + row * this.#stride;
      const owners = this.#owners + row * 4;
      const count = Math.min(tile, rows - row);
      for (let i = 0; i < queries.length; i++) {
        const query = this.#queries + i * this.#stride;
        this.#kernel.scanDot(query, vectors, owners, count, this.#stride / 16, 0, heaps + i * heapBytes);
      }
    }
    return queries.map((_, i) => bestFirst(readTopK(this.#memory.buffer, heaps + i * heapBytes)));
  }

  #heapBytes(k) {
    return Math.ceil(topKBytes(k) / 16) * 16;
  }

  /** Writes a vector at length 1, so that the dot product is the cosine. */
  #write(at, vector) {
    let square = 0;
    for (const value of vector) square += value * value;
    const factor = 1 / Math.sqrt(square);
    const target = new Float32Array(this.#memory.buffer, at, this.#dimensions);
    for (let i = 0; i < target.length; i++) target[i] = vector[i] * factor;
  }
}

function bestFirst({ records, scores }) {
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[b] - scores[a] || records[a] - records[b]);
  return { ids: Int32Array.from(order, (i) => records[i]), scores: Float32Array.from(order, (i) => scores[i]) };
}
