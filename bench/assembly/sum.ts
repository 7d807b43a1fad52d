// The bound for a scan: reading memory with SIMD loads and one addition a load, and nothing else.
export function sum(at: usize, bytes: usize): f32 {
  const end = at + bytes;
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  while (at < end) {
    s0 = f32x4.add(s0, v128.load(at));
    s1 = f32x4.add(s1, v128.load(at, 16));
    s2 = f32x4.add(s2, v128.load(at, 32));
    s3 = f32x4.add(s3, v128.load(at, 48));
    at += 64;
  }
  const all = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
  return f32x4.extract_lane(all, 0) + f32x4.extract_lane(all, 3);
}
