/** Four numbers to their codes as i32: the distance from the middle in steps. A step of 0 gives the code 0. */
@inline
function steps(row: usize, middles: usize, scales: usize): v128 {
  const scale = v128.load(scales);
  const offset = f32x4.sub(v128.load(row), v128.load(middles));
  const code = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.div(offset, scale)));
  return v128.and(code, f32x4.ne(scale, f32x4.splat(0)));
}

/**
 * Writes the int8 codes of `count` rows of `lanes` * 4 numbers, `groups` of 8 a row: x is about middle + scale * code, a
 * dimension. The squared length of the coded part follows the codes as f32 where `withNorm` (see batch.ts). `middles` and
 * `scales` are padded with zeros to whole groups; up to 16 bytes behind the last row are read and count for nothing.
 */
export function encodeInt8(
  row: usize,
  count: u32,
  lanes: u32,
  codes: usize,
  codeStride: u32,
  groups: u32,
  middles: usize,
  scales: usize,
  withNorm: u32,
): void {
  const stride = (<usize>lanes) << 4;
  for (let i: u32 = 0; i < count; i++, row += stride, codes += <usize>codeStride) {
    let norm = f32x4.splat(0);
    for (let group: usize = 0; group < <usize>groups; group++) {
      const at = group << 5;
      const low = steps(row + at, middles + at, scales + at);
      const high = steps(row + at + 16, middles + at + 16, scales + at + 16);
      const words = i16x8.narrow_i32x4_s(low, high);
      const bytes = i8x16.narrow_i16x8_s(words, words);
      v128.store64_lane(codes + (group << 3), bytes, 0);
      const rounded = i16x8.extend_low_i8x16_s(bytes);
      const a = f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(rounded)), v128.load(scales + at));
      const b = f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(rounded)), v128.load(scales + at, 16));
      norm = f32x4.add(norm, f32x4.add(f32x4.mul(a, a), f32x4.mul(b, b)));
    }
    if (withNorm) {
      const sum =
        f32x4.extract_lane(norm, 0) +
        f32x4.extract_lane(norm, 1) +
        (f32x4.extract_lane(norm, 2) + f32x4.extract_lane(norm, 3));
      store<f32>(codes + ((<usize>groups) << 3), sum);
    }
  }
}

/**
 * Writes one bit a dimension for `count` rows of `lanes` * 4 numbers: set where the number is above the dimension's mean.
 * `means` is padded with Infinity to whole bytes; up to 16 bytes behind the last row are read and count for nothing.
 */
export function encodeBinary(row: usize, count: u32, lanes: u32, codes: usize, codeStride: u32, means: usize): void {
  const stride = (<usize>lanes) << 4;
  for (let i: u32 = 0; i < count; i++, row += stride, codes += <usize>codeStride) {
    memory.fill(codes, 0, <usize>codeStride);
    for (let lane: usize = 0; lane < <usize>lanes; lane += 2) {
      const at = lane << 4;
      const low = i32x4.bitmask(f32x4.gt(v128.load(row + at), v128.load(means + at)));
      const high = i32x4.bitmask(f32x4.gt(v128.load(row + at, 16), v128.load(means + at, 16)));
      store<u8>(codes + (lane >> 1), low | (high << 4));
    }
  }
}
