/** Rows of a block, a power of two: a step of work, short enough to sort between two turns of the event loop. */
export const BLOCK_ROWS = 4096;

/** Below this, an integer and a place in a block fit in the 53 bits of a number together. */
const PACKED_LIMIT = 2 ** 41;

/** The places in a block that have a value, in the order of their values. */
export type SortedBlock = Uint16Array;

/** @param present the places that have a value, ascending */
export function sortBlock(values: Int32Array | Float64Array, present: Uint16Array): SortedBlock {
  // The engine sorts numbers natively where no comparison is given: each value is packed with its place.
  const packed = new Float64Array(present.length);
  for (let i = 0; i < present.length; i++) {
    const value = values[present[i]];
    if (!Number.isInteger(value) || Math.abs(value) >= PACKED_LIMIT) {
      return present.sort((a, b) => values[a] - values[b] || a - b);
    }
    packed[i] = value * BLOCK_ROWS + present[i];
  }
  packed.sort();
  for (let i = 0; i < present.length; i++) {
    present[i] = packed[i] - Math.floor(packed[i] / BLOCK_ROWS) * BLOCK_ROWS;
  }
  return present;
}

/** How many values of the block that begins at `start` are below `bound`. */
export function countBelow(
  values: Int32Array | Float64Array,
  start: number,
  block: SortedBlock,
  bound: number,
): number {
  let low = 0;
  let high = block.length;
  // Rows that came in the order of their values: mostly, a whole block is on one side.
  if (high > 0 && values[start + block[high - 1]] < bound) return high;
  if (high > 0 && values[start + block[0]] >= bound) return 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[start + block[middle]] < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many values of the block are `bound` or below. */
export function countUpTo(values: Int32Array | Float64Array, start: number, block: SortedBlock, bound: number): number {
  let low = 0;
  let high = block.length;
  if (high > 0 && values[start + block[high - 1]] <= bound) return high;
  if (high > 0 && values[start + block[0]] > bound) return 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[start + block[middle]] <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
