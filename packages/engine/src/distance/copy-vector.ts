/** Numbers of a block that vectors share. */
const BLOCK = 16_384;
/** A vector that is longer than this gets memory of its own. */
const LONGEST = BLOCK / 8;

let block = new Float32Array(0);
let used = 0;

/**
 * A copy that lives as long as a call. Short vectors share blocks of memory: an array buffer for each costs several times what
 * the copy does, most of it in the garbage collector (10 ms of it in a row while records streamed in).
 */
export function copyVector(vector: Float32Array): Float32Array {
  const { length } = vector;
  if (length > LONGEST) return vector.slice();
  if (used + length > block.length) {
    block = new Float32Array(BLOCK);
    used = 0;
  }
  const copy = block.subarray(used, used + length);
  copy.set(vector);
  used += length;
  return copy;
}
