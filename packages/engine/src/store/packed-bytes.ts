/** Blocks of bytes one after the other in a buffer of their own, which can go over to another thread without a copy. */
export interface PackedBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each block ends. */
  readonly ends: Float64Array<ArrayBuffer>;
}

export function packBytes(blocks: readonly Uint8Array[]): PackedBytes {
  const ends = new Float64Array(blocks.length);
  let total = 0;
  for (const [i, block] of blocks.entries()) ends[i] = total += block.byteLength;
  const bytes = new Uint8Array(total);
  for (const [i, block] of blocks.entries()) bytes.set(block, ends[i] - block.byteLength);
  return { bytes, ends };
}

/** One block, in the memory of all. */
export function blockAt({ bytes, ends }: PackedBytes, i: number): Uint8Array {
  return bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i]);
}

/** The memory to transfer. */
export function buffersOf({ bytes, ends }: PackedBytes): ArrayBuffer[] {
  return [bytes.buffer, ends.buffer];
}
