/**
 * The kernel's top-k heap in memory: u32 size, u32 capacity, f32 best rejected score, u32 vectors scored, f32 score that all must
 * beat, u32 unused, then `capacity` entries of (f32 score, u32 record), a binary min-heap on the score.
 */
export const TOP_K_HEADER_BYTES = 24;
export const TOP_K_ENTRY_BYTES = 8;

export function topKBytes(capacity: number): number {
  return TOP_K_HEADER_BYTES + capacity * TOP_K_ENTRY_BYTES;
}

/** Empties the heap. Only scores above `floor` find a place. */
export function resetTopK(buffer: ArrayBufferLike, at: number, capacity: number, floor = -Infinity): void {
  const words = new Uint32Array(buffer, at, 4);
  words[0] = 0;
  words[1] = capacity;
  words[3] = 0;
  const floats = new Float32Array(buffer, at, 5);
  floats[2] = -Infinity;
  floats[4] = floor;
}

export interface TopK {
  records: Uint32Array;
  scores: Float32Array;
  /** The best score that found no place, or -Infinity: equal to the worst kept score when a tie was cut. */
  rejected: number;
  /** How many vectors were scored. */
  scored: number;
}

/** Copies the heap out, in heap order. */
export function readTopK(buffer: ArrayBufferLike, at: number): TopK {
  const [size, , , scored] = new Uint32Array(buffer, at, 4);
  const words = new Uint32Array(buffer, at + TOP_K_HEADER_BYTES, size * 2);
  const floats = new Float32Array(buffer, at + TOP_K_HEADER_BYTES, size * 2);
  const records = new Uint32Array(size);
  const scores = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    scores[i] = floats[2 * i];
    records[i] = words[2 * i + 1];
  }
  return { records, scores, rejected: new Float32Array(buffer, at, 4)[2], scored };
}
