import { BINARY, F32_EUCLIDEAN, Graph, INT8_DOT, Walker } from './graph';
import { orderedLanes } from './keys';
import { products4, sumI32 } from './products';

// Scoring the neighbours of a node costs mostly cache misses, and WebAssembly has no prefetch. Two things make the processor
// wait for many misses at the same time: every line of the batch is touched in a loop of loads that do not depend on each
// other (1.25 times the queries a second on GloVe, 340 000 x 100 f32, 1.07 times with int8 and 1.2 with int8 on 512-d
// embeddings), and rows are then scored four at a time, which also shares the loads of the query.

/**
 * Of a wide row only its beginning is touched: the processor sees by itself that the rest is read in order, and a whole batch
 * of such rows would drive itself out of the nearest cache (1.2 times the queries a second on 512-d f32, against all of it).
 */
const TOUCHED_BYTES: usize = 1024;

@inline
function rowOf(rows: usize, stride: usize, batch: usize, place: usize): usize {
  return rows + <usize>load<u32>(batch + (place << 2)) * stride;
}

/** The sums of the lanes of four vectors. */
@inline
function sumF32(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<i32>(a, b, 0, 4, 2, 6), v128.shuffle<i32>(a, b, 1, 5, 3, 7));
  const cd = f32x4.add(v128.shuffle<i32>(c, d, 0, 4, 2, 6), v128.shuffle<i32>(c, d, 1, 5, 3, 7));
  return f32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

@inline
function multiplyAdd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

@inline
function squareAdd(sum: v128, a: v128, b: v128): v128 {
  const d = f32x4.sub(a, b);
  return f32x4.add(sum, f32x4.mul(d, d));
}

/** The dot products of a query with four rows of `lanes` * 4 numbers. */
export function dot4(query: usize, a: usize, b: usize, c: usize, d: usize, lanes: u32): v128 {
  let a0 = f32x4.splat(0);
  let b0 = f32x4.splat(0);
  let c0 = f32x4.splat(0);
  let d0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let b1 = f32x4.splat(0);
  let c1 = f32x4.splat(0);
  let d1 = f32x4.splat(0);
  let at: usize = 0;
  const end = (<usize>(lanes & ~1)) << 4;
  for (; at < end; at += 32) {
    const q0 = v128.load(query + at);
    const q1 = v128.load(query + at, 16);
    a0 = multiplyAdd(a0, q0, v128.load(a + at));
    b0 = multiplyAdd(b0, q0, v128.load(b + at));
    c0 = multiplyAdd(c0, q0, v128.load(c + at));
    d0 = multiplyAdd(d0, q0, v128.load(d + at));
    a1 = multiplyAdd(a1, q1, v128.load(a + at, 16));
    b1 = multiplyAdd(b1, q1, v128.load(b + at, 16));
    c1 = multiplyAdd(c1, q1, v128.load(c + at, 16));
    d1 = multiplyAdd(d1, q1, v128.load(d + at, 16));
  }
  if (lanes & 1) {
    const q0 = v128.load(query + at);
    a0 = multiplyAdd(a0, q0, v128.load(a + at));
    b0 = multiplyAdd(b0, q0, v128.load(b + at));
    c0 = multiplyAdd(c0, q0, v128.load(c + at));
    d0 = multiplyAdd(d0, q0, v128.load(d + at));
  }
  return sumF32(f32x4.add(a0, a1), f32x4.add(b0, b1), f32x4.add(c0, c1), f32x4.add(d0, d1));
}

/** The squared euclidean distances of a query to four rows of `lanes` * 4 numbers. */
export function squaredEuclidean4(query: usize, a: usize, b: usize, c: usize, d: usize, lanes: u32): v128 {
  let a0 = f32x4.splat(0);
  let b0 = f32x4.splat(0);
  let c0 = f32x4.splat(0);
  let d0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let b1 = f32x4.splat(0);
  let c1 = f32x4.splat(0);
  let d1 = f32x4.splat(0);
  let at: usize = 0;
  const end = (<usize>(lanes & ~1)) << 4;
  for (; at < end; at += 32) {
    const q0 = v128.load(query + at);
    const q1 = v128.load(query + at, 16);
    a0 = squareAdd(a0, q0, v128.load(a + at));
    b0 = squareAdd(b0, q0, v128.load(b + at));
    c0 = squareAdd(c0, q0, v128.load(c + at));
    d0 = squareAdd(d0, q0, v128.load(d + at));
    a1 = squareAdd(a1, q1, v128.load(a + at, 16));
    b1 = squareAdd(b1, q1, v128.load(b + at, 16));
    c1 = squareAdd(c1, q1, v128.load(c + at, 16));
    d1 = squareAdd(d1, q1, v128.load(d + at, 16));
  }
  if (lanes & 1) {
    const q0 = v128.load(query + at);
    a0 = squareAdd(a0, q0, v128.load(a + at));
    b0 = squareAdd(b0, q0, v128.load(b + at));
    c0 = squareAdd(c0, q0, v128.load(c + at));
    d0 = squareAdd(d0, q0, v128.load(d + at));
  }
  return sumF32(f32x4.add(a0, a1), f32x4.add(b0, b1), f32x4.add(c0, c1), f32x4.add(d0, d1));
}

/** Bits set in each lane's 32 bits, summed over the four lanes by the caller: bytes, then pairs, then fours. */
@inline
function countBits(bits: v128): v128 {
  return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(bits)));
}

/** The Hamming distances of a query to four rows of bits, `groups` of 16 bytes long. */
@inline
function hamming4(query: usize, a: usize, b: usize, c: usize, d: usize, groups: u32): v128 {
  let sa = i32x4.splat(0);
  let sb = i32x4.splat(0);
  let sc = i32x4.splat(0);
  let sd = i32x4.splat(0);
  const end = (<usize>groups) << 4;
  for (let at: usize = 0; at < end; at += 16) {
    const q = v128.load(query + at);
    sa = i32x4.add(sa, countBits(v128.xor(q, v128.load(a + at))));
    sb = i32x4.add(sb, countBits(v128.xor(q, v128.load(b + at))));
    sc = i32x4.add(sc, countBits(v128.xor(q, v128.load(c + at))));
    sd = i32x4.add(sd, countBits(v128.xor(q, v128.load(d + at))));
  }
  return sumI32(sa, sb, sc, sd);
}

/** Repeats the last node, so that rows can be taken by four; the extra distances are never read. */
@inline
function fillUp(batch: usize, count: u32): void {
  if (count == 0) return;
  const end = batch + ((<usize>count) << 2);
  const last = load<u32>(end - 4);
  store<u32>(end, last);
  store<u32>(end, last, 4);
  store<u32>(end, last, 8);
}

/**
 * Writes the ordered distances (see keys.ts) of the `count` nodes in `batch` to a query by their f32 rows. The batch and the
 * distances need room for a multiple of four.
 */
export function scoreVectors(
  graph: Graph,
  euclidean: bool,
  query: usize,
  batch: usize,
  distances: usize,
  count: u32,
): void {
  const rows = graph.vectors;
  const lanes = graph.lanes;
  const stride = (<usize>lanes) << 4;
  fillUp(batch, count);
  for (let i: usize = 0; i < <usize>count; i += 4) {
    const a = rowOf(rows, stride, batch, i);
    const b = rowOf(rows, stride, batch, i + 1);
    const c = rowOf(rows, stride, batch, i + 2);
    const d = rowOf(rows, stride, batch, i + 3);
    const scored = euclidean ? squaredEuclidean4(query, a, b, c, d, lanes) : f32x4.neg(dot4(query, a, b, c, d, lanes));
    v128.store(distances + (i << 2), orderedLanes(scored));
  }
}

/** As scoreVectors for up to four nodes, without filling up: what follows them is left alone. */
@inline
export function scoreRow(
  graph: Graph,
  euclidean: bool,
  query: usize,
  nodes: usize,
  distances: usize,
  count: u32,
): void {
  const rows = graph.vectors;
  const lanes = graph.lanes;
  const stride = (<usize>lanes) << 4;
  const a = rowOf(rows, stride, nodes, 0);
  const b = count > 1 ? rowOf(rows, stride, nodes, 1) : a;
  const c = count > 2 ? rowOf(rows, stride, nodes, 2) : a;
  const d = count > 3 ? rowOf(rows, stride, nodes, 3) : a;
  const scored = euclidean ? squaredEuclidean4(query, a, b, c, d, lanes) : f32x4.neg(dot4(query, a, b, c, d, lanes));
  v128.store(distances, orderedLanes(scored));
}

/** As scoreVectors, by the codes: integers as they are, but squared distances as f32 from the norms kept behind the codes. */
function scoreCodes(graph: Graph, walker: Walker, count: u32): void {
  const kind = graph.kind;
  const rows = graph.codes;
  const stride = <usize>graph.codeStride;
  const groups = graph.codeGroups;
  const query = kind == BINARY ? walker.codeQuery : walker.productQuery;
  const packed = query == walker.packedQuery;
  const batch = walker.batch;
  const scale = f32x4.splat(-2 * walker.productScale);
  const norm = (<usize>groups) << 3;
  fillUp(batch, count);
  for (let i: usize = 0; i < <usize>count; i += 4) {
    const a = rowOf(rows, stride, batch, i);
    const b = rowOf(rows, stride, batch, i + 1);
    const c = rowOf(rows, stride, batch, i + 2);
    const d = rowOf(rows, stride, batch, i + 3);
    let scored: v128;
    if (kind == BINARY) {
      scored = hamming4(query, a, b, c, d, groups);
    } else {
      scored = products4(packed, query, a, b, c, d, groups);
      if (kind == INT8_DOT) {
        scored = i32x4.neg(scored);
      } else {
        let norms = v128.load32_zero(a + norm);
        norms = v128.load_lane<f32>(b + norm, norms, 1);
        norms = v128.load_lane<f32>(c + norm, norms, 2);
        norms = v128.load_lane<f32>(d + norm, norms, 3);
        scored = orderedLanes(f32x4.add(norms, f32x4.mul(scale, f32x4.convert_i32x4_s(scored))));
      }
    }
    v128.store(walker.distances + (i << 2), scored);
  }
}

/** Reads a word of each cache line of the batch's rows ahead of their use. */
@inline
export function touchRows(rows: usize, stride: usize, batch: usize, count: u32): u32 {
  let touched: u32 = 0;
  const bytes = min(stride, TOUCHED_BYTES);
  const end = batch + ((<usize>count) << 2);
  for (; batch < end; batch += 4) {
    const row = rows + <usize>load<u32>(batch) * stride;
    for (let at: usize = 0; at < bytes; at += 64) touched ^= load<u32>(row + at);
  }
  return touched;
}

/** Scores the `count` nodes of the walker's batch as the graph's kind says. */
export function scoreBatch(graph: Graph, walker: Walker, count: u32): void {
  const kind = graph.kind;
  const batch = walker.batch;
  if (kind <= F32_EUCLIDEAN) {
    walker.touched = touchRows(graph.vectors, (<usize>graph.lanes) << 4, batch, count);
    scoreVectors(graph, kind == F32_EUCLIDEAN, walker.query, batch, walker.distances, count);
  } else {
    walker.touched = touchRows(graph.codes, <usize>graph.codeStride, batch, count);
    scoreCodes(graph, walker, count);
  }
  walker.computed += count;
}
