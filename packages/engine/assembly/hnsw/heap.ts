// Binary heaps of i64 keys at consecutive addresses; the caller keeps the size.

@inline
function at(heap: usize, place: u32): usize {
  return heap + ((<usize>place) << 3);
}

/** Adds a key to a min-heap of `size` keys. */
export function pushNearest(heap: usize, size: u32, key: i64): void {
  let hole = size;
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const above = load<i64>(at(heap, parent));
    if (above <= key) break;
    store<i64>(at(heap, hole), above);
    hole = parent;
  }
  store<i64>(at(heap, hole), key);
}

/**
 * Takes the top off a min-heap of `size` keys. The hole sinks to a leaf before the last key is put there and rises: it nearly
 * always belongs near the bottom, so that this needs one comparison a level and not two (Wegener, Bottom-up heapsort, 1993).
 */
export function popNearest(heap: usize, size: u32): i64 {
  const top = load<i64>(heap);
  const last = size - 1;
  const key = load<i64>(at(heap, last));
  let hole: u32 = 0;
  let child: u32 = 1;
  while (child + 1 < last) {
    const left = load<i64>(at(heap, child));
    const right = load<i64>(at(heap, child), 8);
    const isRight = <u32>(right < left);
    store<i64>(at(heap, hole), isRight ? right : left);
    hole = child + isRight;
    child = (hole << 1) + 1;
  }
  if (child < last) {
    store<i64>(at(heap, hole), load<i64>(at(heap, child)));
    hole = child;
  }
  pushNearest(heap, hole, key);
  return top;
}

/** Adds a key to a max-heap of `size` keys. */
export function pushFarthest(heap: usize, size: u32, key: i64): void {
  let hole = size;
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const above = load<i64>(at(heap, parent));
    if (above >= key) break;
    store<i64>(at(heap, hole), above);
    hole = parent;
  }
  store<i64>(at(heap, hole), key);
}

/** Puts a key in the place of the top of a max-heap of `size` keys. */
export function replaceFarthest(heap: usize, size: u32, key: i64): void {
  let hole: u32 = 0;
  let child: u32 = 1;
  while (child < size) {
    let below = load<i64>(at(heap, child));
    if (child + 1 < size) {
      const right = load<i64>(at(heap, child), 8);
      const isRight = <u32>(right > below);
      below = isRight ? right : below;
      child += isRight;
    }
    if (below <= key) break;
    store<i64>(at(heap, hole), below);
    hole = child;
    child = (hole << 1) + 1;
  }
  store<i64>(at(heap, hole), key);
}

/** Sorts a max-heap of `size` keys ascending, in place. */
export function sortNearestFirst(heap: usize, size: u32): void {
  while (size > 1) {
    size--;
    const top = load<i64>(heap);
    replaceFarthest(heap, size, load<i64>(at(heap, size)));
    store<i64>(at(heap, size), top);
  }
}
