/** Set operations on bitmaps, `bytes` long, a multiple of 16: the first is changed. */

export function intersectBits(into: usize, other: usize, bytes: usize): void {
  for (const end = into + bytes; into < end; into += 16, other += 16) {
    v128.store(into, v128.and(v128.load(into), v128.load(other)));
  }
}

export function uniteBits(into: usize, other: usize, bytes: usize): void {
  for (const end = into + bytes; into < end; into += 16, other += 16) {
    v128.store(into, v128.or(v128.load(into), v128.load(other)));
  }
}

export function subtractBits(into: usize, other: usize, bytes: usize): void {
  for (const end = into + bytes; into < end; into += 16, other += 16) {
    v128.store(into, v128.andnot(v128.load(into), v128.load(other)));
  }
}

/** How many bits are set, of fewer than 2^32. */
export function countBits(at: usize, bytes: usize): u32 {
  let counts = i32x4.splat(0);
  for (const end = at + bytes; at < end; at += 16) {
    const pairs = i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(v128.load(at)));
    counts = i32x4.add(counts, i32x4.extadd_pairwise_i16x8_u(pairs));
  }
  return (
    i32x4.extract_lane(counts, 0) +
    i32x4.extract_lane(counts, 1) +
    i32x4.extract_lane(counts, 2) +
    i32x4.extract_lane(counts, 3)
  );
}
