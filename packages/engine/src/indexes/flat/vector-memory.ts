import { NearfieldError } from '../../errors/index.js';

const PAGE = 65_536;
const MAX_PAGES = 65_536;
const BLOCK_BYTES = 16 * 1024 * 1024;
/** Kept free of vectors, so that a full memory can still be searched: query, bitmap and heap. */
const SCRATCH_ROOM = 128 * 1024 * 1024;
/** The kernel keeps the first bytes for itself. */
const FIRST_FREE = 1024;

/** A run of vectors in memory, with the record that owns each. Blocks never move, so addresses stay good. */
export interface VectorBlock {
  readonly vectors: number;
  readonly owners: number;
  count: number;
}

/** Space for what a running search needs. */
interface Scratch {
  readonly at: number;
  readonly bytes: number;
}

/** The vectors of a memory at one moment, for another thread: plain data around the shared memory. */
export interface SharedVectors {
  readonly memory: WebAssembly.Memory;
  readonly blocks: readonly Readonly<VectorBlock>[];
  readonly scratch: Scratch;
}

/**
 * The linear memory of one flat index: blocks of vectors, and scratch space for a running search. It is shared
 * (SharedArrayBuffer), so that other threads may read the same vectors, and holds at most 4 GiB.
 */
export class VectorMemory {
  readonly blocks: VectorBlock[] = [];
  readonly stride: number;
  readonly rowsPerBlock: number;
  #free = FIRST_FREE;
  #scratch: Scratch = { at: 0, bytes: 0 };
  readonly #slots = new Map<number, Scratch>();
  readonly #spares: VectorBlock[] = [];
  #views: { readonly floats: Float32Array; readonly words: Uint32Array } | undefined;

  constructor(
    readonly dimensions: number,
    readonly memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES, shared: true }),
  ) {
    this.stride = Math.ceil(dimensions / 4) * 16;
    this.rowsPerBlock = Math.max(1, Math.floor(BLOCK_BYTES / (this.stride + 4)));
  }

  get bytes(): number {
    return this.memory.buffer.byteLength;
  }

  /** The memory as numbers, until it grows. One view for all vectors: to make one for each took longer than to write it. */
  get floats(): Float32Array {
    return this.#view().floats;
  }

  /** Makes room for `rows` more vectors, or throws MEMORY_EXHAUSTED and changes nothing that a reader sees. */
  reserve(rows: number): void {
    const last = this.blocks.at(-1);
    let room = last === undefined ? 0 : this.rowsPerBlock - last.count;
    for (const spare of this.#spares) room += this.rowsPerBlock - spare.count;
    const blocks = Math.ceil((rows - room) / this.rowsPerBlock);
    if (blocks <= 0) return;
    // Whole or not at all: room that is taken for a batch that is refused would be missed by the next search.
    if (this.#free + blocks * this.#blockBytes > MAX_PAGES * PAGE - SCRATCH_ROOM) throw this.#exhausted();
    this.#makeRoom(blocks * this.#blockBytes);
    for (let i = 0; i < blocks; i++) this.#spares.push(this.#allocateBlock());
  }

  /** The block that the next vector goes to; room must have been reserved. */
  tail(): VectorBlock {
    const last = this.blocks.at(-1);
    if (last !== undefined && last.count < this.rowsPerBlock) return last;
    const next = this.#spares.shift() ?? this.#allocateBlock();
    this.blocks.push(next);
    return next;
  }

  /** Vectors held. */
  get size(): number {
    const last = this.blocks.at(-1);
    return last === undefined ? 0 : (this.blocks.length - 1) * this.rowsPerBlock + last.count;
  }

  /** The address of the vector at a place in the order of appending. */
  addressOf(place: number): number {
    const block = this.blocks[Math.floor(place / this.rowsPerBlock)];
    return block.vectors + (place % this.rowsPerBlock) * this.stride;
  }

  /** The place of the first vector whose owner is `record` or a later one. Owners must ascend. */
  firstOf(record: number): number {
    const memory = new DataView(this.memory.buffer);
    let [low, high] = [0, this.size];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const block = this.blocks[Math.floor(middle / this.rowsPerBlock)];
      if (memory.getUint32(block.owners + (middle % this.rowsPerBlock) * 4, true) < record) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The record of each vector, in the order of appending: a copy. */
  owners(): Uint32Array {
    const owners = new Uint32Array(this.size);
    let place = 0;
    for (const { owners: at, count } of this.blocks) {
      owners.set(new Uint32Array(this.memory.buffer, at, count), place);
      place += count;
    }
    return owners;
  }

  #view(): { readonly floats: Float32Array; readonly words: Uint32Array } {
    const { buffer } = this.memory;
    if (this.#views?.floats.buffer !== buffer) {
      this.#views = { floats: new Float32Array(buffer), words: new Uint32Array(buffer) };
    }
    return this.#views;
  }

  /** Room for one more vector of a record, at the address that is returned; room should have been reserved. */
  append(record: number): number {
    const block = this.tail();
    this.#view().words[block.owners / 4 + block.count] = record;
    return block.vectors + block.count++ * this.stride;
  }

  /** Appends a vector of another memory of the same dimensions. */
  copyFrom(other: VectorMemory, place: number, record: number): void {
    const from = new Uint8Array(other.memory.buffer, other.addressOf(place), this.stride);
    const to = this.append(record);
    new Uint8Array(this.memory.buffer, to, this.stride).set(from);
  }

  /** The vectors as they are now, with scratch space of at least so many bytes for one thread: the one that has `slot`. */
  share(slot: number, scratchBytes: number): SharedVectors {
    let scratch = this.#slots.get(slot);
    if (scratch === undefined || scratch.bytes < scratchBytes) {
      const bytes = Math.max(scratchBytes, 2 * (scratch?.bytes ?? 0));
      this.#slots.set(slot, (scratch = { at: this.#allocate(bytes), bytes }));
    }
    return { memory: this.memory, blocks: this.blocks.map((block) => ({ ...block })), scratch };
  }

  /** A view of another thread's vectors, which only scans them. */
  static attach(dimensions: number, { memory, blocks, scratch }: SharedVectors): VectorMemory {
    const attached = new VectorMemory(dimensions, memory);
    attached.blocks.push(...blocks);
    attached.#scratch = scratch;
    // What is free is the owner's to give.
    attached.#free = Infinity;
    return attached;
  }

  /** The address of at least `bytes` of scratch space, good until the next call. */
  scratch(bytes: number): number {
    if (bytes > this.#scratch.bytes) {
      const size = Math.max(bytes, 2 * this.#scratch.bytes, PAGE);
      this.#scratch = { at: this.#allocate(size), bytes: size };
    }
    return this.#scratch.at;
  }

  get #blockBytes(): number {
    return Math.ceil((this.rowsPerBlock * (this.stride + 4)) / 16) * 16;
  }

  #allocateBlock(): VectorBlock {
    const vectors = this.#allocate(this.#blockBytes);
    return { vectors, owners: vectors + this.rowsPerBlock * this.stride, count: 0 };
  }

  #allocate(bytes: number): number {
    const at = this.#free;
    const size = Math.ceil(bytes / 16) * 16;
    this.#makeRoom(size);
    this.#free += size;
    return at;
  }

  /** Grows the memory until `bytes` more are free. */
  #makeRoom(bytes: number): void {
    const missing = Math.ceil((this.#free + bytes - this.memory.buffer.byteLength) / PAGE);
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
    } catch (cause) {
      throw this.#exhausted(cause);
    }
  }

  #exhausted(cause?: unknown): NearfieldError {
    return new NearfieldError(
      'MEMORY_EXHAUSTED',
      `No memory for more vectors of ${this.dimensions} dimensions`,
      { expected: 'at most 4 GiB of vectors in one vector space', received: `${this.#free} bytes in use` },
      { cause },
    );
  }
}
