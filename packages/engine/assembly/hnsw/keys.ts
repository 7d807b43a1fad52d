// A distance and a node as one i64: the distance, mapped to an i32 of the same order, above the node's number. One integer
// comparison then orders by distance, ties by node, whatever the distance was computed from.

/** The i32 that orders as the f32 does (negative numbers run backwards in their bits). Its own inverse on the bits. */
@inline
export function ordered(distance: f32): i32 {
  const bits = reinterpret<i32>(distance);
  return bits ^ ((bits >> 31) & 0x7fffffff);
}

@inline
export function orderedLanes(distances: v128): v128 {
  return v128.xor(distances, v128.and(i32x4.shr_s(distances, 31), i32x4.splat(0x7fffffff)));
}

@inline
export function keyOf(distance: i32, node: u32): i64 {
  return ((<i64>distance) << 32) | (<i64>node);
}

@inline
export function nodeOf(key: i64): u32 {
  return <u32>key;
}

@inline
export function distanceOf(key: i64): i32 {
  return <i32>(key >> 32);
}
