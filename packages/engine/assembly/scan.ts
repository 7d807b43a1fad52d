import { dot, squaredEuclidean } from './distance';
import { countScored, push, reject, threshold } from './top-k';

/** Whether the bit of `record` is set in a bitmap of 32-bit words. */
@inline
function allowed(bitmap: usize, record: u32): bool {
  return ((load<u32>(bitmap + ((<usize>(record >> 5)) << 2)) >> (record & 31)) & 1) != 0;
}

@inline
function offer(heap: usize, score: f32, record: u32): void {
  if (score > threshold(heap)) push(heap, score, record);
  else reject(heap, score);
}

/**
 * Scores `count` consecutive vectors against the query by dot product and keeps the best in the heap.
 * `owners` holds a u32 record a vector. With a bitmap (non-zero), vectors of records whose bit is clear are skipped unread.
 */
export function scanDot(
  query: usize,
  vectors: usize,
  owners: usize,
  count: u32,
  lanes: u32,
  bitmap: usize,
  heap: usize,
): void {
  const stride = (<usize>lanes) << 4;
  let scored: u32 = 0;
  for (let i: u32 = 0; i < count; i++, vectors += stride, owners += 4) {
    const record = load<u32>(owners);
    if (bitmap != 0 && !allowed(bitmap, record)) continue;
    scored++;
    offer(heap, dot(query, vectors, lanes), record);
  }
  countScored(heap, scored);
}

/** As scanDot, by negative squared euclidean distance. */
export function scanEuclidean(
  query: usize,
  vectors: usize,
  owners: usize,
  count: u32,
  lanes: u32,
  bitmap: usize,
  heap: usize,
): void {
  const stride = (<usize>lanes) << 4;
  let scored: u32 = 0;
  for (let i: u32 = 0; i < count; i++, vectors += stride, owners += 4) {
    const record = load<u32>(owners);
    if (bitmap != 0 && !allowed(bitmap, record)) continue;
    scored++;
    offer(heap, -squaredEuclidean(query, vectors, lanes), record);
  }
  countScored(heap, scored);
}
