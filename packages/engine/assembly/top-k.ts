// The k best of a stream: a binary min-heap on the score, in memory as
//   u32 size, u32 capacity, f32 the best score that was turned away, u32 scored, f32 the score that all must beat, u32 unused;
//   then `capacity` entries of f32 score, u32 record.
// The best rejected score tells the caller whether a tie was cut at the boundary.

const ENTRIES: usize = 24;

@inline
export function size(heap: usize): u32 {
  return load<u32>(heap);
}

@inline
export function capacity(heap: usize): u32 {
  return load<u32>(heap, 4);
}

/** The score to beat: what all must beat until the heap is full, Infinity when it can hold nothing. */
@inline
export function threshold(heap: usize): f32 {
  if (size(heap) < capacity(heap)) return load<f32>(heap, 16);
  return capacity(heap) == 0 ? Infinity : load<f32>(heap, ENTRIES);
}

@inline
export function reject(heap: usize, score: f32): void {
  if (score > load<f32>(heap, 8)) store<f32>(heap, score, 8);
}

@inline
export function countScored(heap: usize, rows: u32): void {
  store<u32>(heap, load<u32>(heap, 12) + rows, 12);
}

@inline
function put(at: usize, score: f32, record: u32): void {
  store<f32>(at, score);
  store<u32>(at, record, 4);
}

/** Adds an entry that is better than the threshold; a full heap gives up its worst. */
export function push(heap: usize, score: f32, record: u32): void {
  const first = heap + ENTRIES;
  const count = size(heap);
  if (count < capacity(heap)) {
    store<u32>(heap, count + 1);
    siftUp(first, count, score, record);
  } else {
    reject(heap, load<f32>(first));
    siftDown(first, count, score, record);
  }
}

function siftUp(first: usize, hole: u32, score: f32, record: u32): void {
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const at = first + ((<usize>parent) << 3);
    const above = load<f32>(at);
    if (above <= score) break;
    put(first + ((<usize>hole) << 3), above, load<u32>(at, 4));
    hole = parent;
  }
  put(first + ((<usize>hole) << 3), score, record);
}

function siftDown(first: usize, count: u32, score: f32, record: u32): void {
  let hole: u32 = 0;
  let child: u32 = 1;
  while (child < count) {
    let at = first + ((<usize>child) << 3);
    if (child + 1 < count && load<f32>(at, 8) < load<f32>(at)) {
      child++;
      at += 8;
    }
    const below = load<f32>(at);
    if (below >= score) break;
    put(first + ((<usize>hole) << 3), below, load<u32>(at, 4));
    hole = child;
    child = (hole << 1) + 1;
  }
  put(first + ((<usize>hole) << 3), score, record);
}
