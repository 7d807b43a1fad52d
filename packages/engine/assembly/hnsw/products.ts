// The products of int8 codes, in two builds of this kernel. Plain SIMD widens the codes to i16. Relaxed SIMD multiplies sixteen
// i8 at a time, but only by numbers of 7 bits without a sign: the query is kept as magnitudes and signs, and where its sign is
// negative the row's code is complemented, which is -code - 1. The ones that this takes too much are the same for every row.
//
// A query whose codes are larger than that is multiplied by plain SIMD in both builds: see codeInt8Query.

const LARGEST_I7: i32 = 127;

/** The largest magnitude of a query's codes that `walk` is fastest with. */
export function fastestQueryCode(): i32 {
  return ASC_FEATURE_RELAXED_SIMD ? LARGEST_I7 : <i32>i16.MAX_VALUE;
}

/** The sums of the lanes of four vectors. */
@inline
export function sumI32(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 2, 6), v128.shuffle<i32>(a, b, 1, 5, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 2, 6), v128.shuffle<i32>(c, d, 1, 5, 3, 7));
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

/**
 * Puts a query of i16 codes, `groups` of 8 long, in the form that products4 takes, and returns its address: `packed`, where
 * relaxed SIMD has the number to add to each product as i32, and from byte 16 on sixteen magnitudes and sixteen signs
 * (-1 or 0) in turn; or the codes as they are, if some have more than 7 bits or the build is the plain one.
 */
export function packQuery(codes: usize, packed: usize, groups: u32): usize {
  if (!ASC_FEATURE_RELAXED_SIMD) return codes;
  const zeros = i16x8.splat(0);
  const from = codes;
  let negative = i32x4.splat(0);
  let largest = zeros;
  let at = packed + 16;
  for (let group: u32 = 0; group < groups; group += 2, codes += 32, at += 32) {
    const low = v128.load(codes);
    const high = group + 1 < groups ? v128.load(codes, 16) : zeros;
    const lowAbs = i16x8.abs(low);
    const highAbs = i16x8.abs(high);
    largest = i16x8.max_u(largest, i16x8.max_u(lowAbs, highAbs));
    v128.store(at, i8x16.narrow_i16x8_s(lowAbs, highAbs));
    v128.store(at, i8x16.narrow_i16x8_s(i16x8.shr_s(low, 15), i16x8.shr_s(high, 15)), 16);
    const both = i16x8.add(i16x8.min_s(low, zeros), i16x8.min_s(high, zeros));
    negative = i32x4.add(negative, i32x4.extadd_pairwise_i16x8_s(both));
  }
  if (v128.any_true(i16x8.gt_u(largest, i16x8.splat(<i16>LARGEST_I7)))) return from;
  v128.store(packed, i32x4.neg(sumI32(negative, zeros, zeros, zeros)));
  return packed;
}

/** The products of a query with four rows of i8 codes, `groups` of 8 long; `packed` says which form packQuery left. */
@inline
export function products4(packed: bool, query: usize, a: usize, b: usize, c: usize, d: usize, groups: u32): v128 {
  return ASC_FEATURE_RELAXED_SIMD && packed ? relaxed4(query, a, b, c, d, groups) : widened4(query, a, b, c, d, groups);
}

@inline
function widened4(query: usize, a: usize, b: usize, c: usize, d: usize, groups: u32): v128 {
  let sa = i32x4.splat(0);
  let sb = i32x4.splat(0);
  let sc = i32x4.splat(0);
  let sd = i32x4.splat(0);
  const end = (<usize>groups) << 3;
  for (let at: usize = 0; at < end; at += 8) {
    const q = v128.load(query + (at << 1));
    sa = i32x4.add(sa, i32x4.dot_i16x8_s(q, v128.load8x8_s(a + at)));
    sb = i32x4.add(sb, i32x4.dot_i16x8_s(q, v128.load8x8_s(b + at)));
    sc = i32x4.add(sc, i32x4.dot_i16x8_s(q, v128.load8x8_s(c + at)));
    sd = i32x4.add(sd, i32x4.dot_i16x8_s(q, v128.load8x8_s(d + at)));
  }
  return sumI32(sa, sb, sc, sd);
}

/** Of an odd number of groups the last is taken with 8 bytes more of the row, which meet magnitudes of 0. */
@inline
function relaxed4(query: usize, a: usize, b: usize, c: usize, d: usize, groups: u32): v128 {
  let sa = i32x4.splat(0);
  let sb = i32x4.splat(0);
  let sc = i32x4.splat(0);
  let sd = i32x4.splat(0);
  const end = (<usize>groups) << 3;
  let part = query + 16;
  for (let at: usize = 0; at < end; at += 16, part += 32) {
    const q = v128.load(part);
    const signs = v128.load(part, 16);
    sa = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.xor(signs, v128.load(a + at)), q, sa);
    sb = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.xor(signs, v128.load(b + at)), q, sb);
    sc = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.xor(signs, v128.load(c + at)), q, sc);
    sd = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.xor(signs, v128.load(d + at)), q, sd);
  }
  return i32x4.add(sumI32(sa, sb, sc, sd), v128.load32_splat(query));
}
