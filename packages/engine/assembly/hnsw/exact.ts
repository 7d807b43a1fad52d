import { dot, squaredEuclidean } from '../distance';
import { countScored, push, reject, threshold } from '../top-k';
import { allowed, isFiltered } from './allowed';
import { touchRows } from './batch';
import { Graph } from './graph';

// Row after row by the same functions as the scan of unsealed vectors, so that a vector has the same score to the last bit
// in every kind of segment.

/** Rows whose beginnings are touched at once, for the reasons that batch.ts gives. */
const TOUCHED_ROWS: u32 = 8;

/**
 * Writes the exact scores (dot product, or negative squared euclidean distance) of `count` nodes. The nodes' `owners` are
 * touched as well: the caller reads them next.
 */
export function rescoreNodes(
  graph: Graph,
  euclidean: u32,
  query: usize,
  owners: usize,
  nodes: usize,
  scores: usize,
  count: u32,
): void {
  const lanes = graph.lanes;
  const stride = (<usize>lanes) << 4;
  for (let left = count; left > 0; ) {
    const some = min(left, TOUCHED_ROWS);
    left -= some;
    let touched = touchRows(graph.vectors, stride, nodes, some);
    for (let i: usize = 0; i < <usize>some; i++) {
      touched ^= load<u32>(owners + ((<usize>load<u32>(nodes + (i << 2))) << 2));
    }
    // Overwritten at once; stored so that the loads are made.
    store<u32>(scores, touched);
    for (const end = nodes + ((<usize>some) << 2); nodes < end; nodes += 4, scores += 4) {
      const row = graph.vectors + <usize>load<u32>(nodes) * stride;
      store<f32>(scores, euclidean ? -squaredEuclidean(query, row, lanes) : dot(query, row, lanes));
    }
  }
}

/** Scores every allowed node from `first` up to, not including, `end` exactly and keeps the best in the heap (see top-k.ts), as nodes. */
export function scanNodes(
  graph: Graph,
  euclidean: u32,
  query: usize,
  owners: usize,
  bitmap: usize,
  rows: u32,
  first: u32,
  end: u32,
  heap: usize,
): void {
  const lanes = graph.lanes;
  const stride = (<usize>lanes) << 4;
  let row = graph.vectors + <usize>first * stride;
  const filtered = isFiltered(owners, bitmap);
  let scored: u32 = 0;
  for (let node = first; node < end; node++, row += stride) {
    if (filtered && !allowed(owners, bitmap, rows, node)) continue;
    const score = euclidean ? -squaredEuclidean(query, row, lanes) : dot(query, row, lanes);
    scored++;
    if (score > threshold(heap)) push(heap, score, node);
    else reject(heap, score);
  }
  countScored(heap, scored);
}

/** As scanNodes, of the `count` listed nodes. */
export function scanListed(graph: Graph, euclidean: u32, query: usize, nodes: usize, count: u32, heap: usize): void {
  const lanes = graph.lanes;
  const stride = (<usize>lanes) << 4;
  let touched: u32 = 0;
  for (let left = count; left > 0; ) {
    const some = min(left, TOUCHED_ROWS);
    left -= some;
    touched ^= touchRows(graph.vectors, stride, nodes, some);
    for (const end = nodes + ((<usize>some) << 2); nodes < end; nodes += 4) {
      const node = load<u32>(nodes);
      const row = graph.vectors + <usize>node * stride;
      const score = euclidean ? -squaredEuclidean(query, row, lanes) : dot(query, row, lanes);
      if (score > threshold(heap)) push(heap, score, node);
      else reject(heap, score);
    }
  }
  // Stored behind the list so that the loads are made.
  store<u32>(nodes, touched);
  countScored(heap, count);
}

/** Scales `count` consecutive rows to length 1; in double precision, so that tiny vectors keep their direction. */
export function normalizeRows(row: usize, count: u32, lanes: u32): void {
  const stride = (<usize>lanes) << 4;
  for (let i: u32 = 0; i < count; i++, row += stride) {
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    const end = row + stride;
    for (let at = row; at < end; at += 16) {
      const a = f64x2.promote_low_f32x4(v128.load64_zero(at));
      const b = f64x2.promote_low_f32x4(v128.load64_zero(at, 8));
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
    }
    const sums = f64x2.add(low, high);
    const length = sqrt<f64>(f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1));
    if (length == 0) continue;
    const scale = f64x2.splat(1 / length);
    for (let at = row; at < end; at += 16) {
      const a = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(at)), scale);
      const b = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(at, 8)), scale);
      v128.store(at, v128.shuffle<i64>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2));
    }
  }
}
