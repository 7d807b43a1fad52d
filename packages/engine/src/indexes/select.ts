import type { Steps } from './column/column-index.js';

/** So many are sorted by insertion, without arrays in between. */
const FEW = 48;
/** Above this share of the items, sorting all of them costs no more. */
const HEAP_SHARE = 1 / 4;

/**
 * The `limit` first of `items` in the order of `compare`, sorted. A few of many cost one comparison an item and little
 * more: they are kept in a binary heap with the last of them on top (Williams, Algorithm 232: Heapsort, 1964).
 */
export function firstOf(items: Uint32Array, limit: number, compare: (a: number, b: number) => number): Uint32Array {
  if (items.length <= FEW) return insertionSorted(items, compare).subarray(0, limit);
  if (limit >= items.length * HEAP_SHARE) return Uint32Array.from(Array.from(items).sort(compare).slice(0, limit));
  const heap: number[] = [];
  for (const item of items) {
    if (heap.length < limit) siftUp(heap, item, compare);
    else if (limit > 0 && compare(item, heap[0]) < 0) siftDown(heap, item, compare);
  }
  return Uint32Array.from(heap.sort(compare));
}

/** Items that are sorted in one step: a few milliseconds, if each comparison looks something up. */
const STEP_ITEMS = 2048;

/**
 * As firstOf, in steps: pieces are sorted on their own and merged, each with one of its size or more, which takes no more
 * comparisons than sorting all at once (merge sort, from the bottom up).
 */
export function* firstInSteps(
  items: Uint32Array,
  limit: number,
  compare: (a: number, b: number) => number,
): Steps<Uint32Array> {
  const sorted: Uint32Array[] = [];
  function* mergeLast(): Steps {
    const [b, a] = [sorted.pop()!, sorted.pop()!];
    sorted.push(yield* merged(a, b, limit, compare));
  }
  for (let at = 0; at < items.length; at += STEP_ITEMS) {
    sorted.push(firstOf(items.subarray(at, at + STEP_ITEMS), limit, compare));
    yield;
    while (sorted.length > 1 && sorted[sorted.length - 2].length <= sorted[sorted.length - 1].length)
      yield* mergeLast();
  }
  while (sorted.length > 1) yield* mergeLast();
  return sorted[0] ?? new Uint32Array();
}

function* merged(
  a: Uint32Array,
  b: Uint32Array,
  limit: number,
  compare: (a: number, b: number) => number,
): Steps<Uint32Array> {
  const both = new Uint32Array(Math.min(limit, a.length + b.length));
  for (let i = 0, j = 0, next = 0; next < both.length; next++) {
    both[next] = j >= b.length || (i < a.length && compare(a[i], b[j]) <= 0) ? a[i++] : b[j++];
    if (next % STEP_ITEMS === STEP_ITEMS - 1) yield;
  }
  return both;
}

function insertionSorted(items: Uint32Array, compare: (a: number, b: number) => number): Uint32Array {
  const sorted = items.slice();
  for (let next = 1; next < sorted.length; next++) {
    const item = sorted[next];
    let hole = next;
    for (; hole > 0 && compare(item, sorted[hole - 1]) < 0; hole--) sorted[hole] = sorted[hole - 1];
    sorted[hole] = item;
  }
  return sorted;
}

/** Adds an item. */
function siftUp(heap: number[], item: number, compare: (a: number, b: number) => number): void {
  let hole = heap.length;
  while (hole > 0) {
    const parent = (hole - 1) >>> 1;
    if (compare(heap[parent], item) >= 0) break;
    heap[hole] = heap[parent];
    hole = parent;
  }
  heap[hole] = item;
}

/** Puts an item in the place of the top. */
function siftDown(heap: number[], item: number, compare: (a: number, b: number) => number): void {
  let hole = 0;
  for (let child = 1; child < heap.length; child = 2 * hole + 1) {
    if (child + 1 < heap.length && compare(heap[child], heap[child + 1]) < 0) child++;
    if (compare(heap[child], item) <= 0) break;
    heap[hole] = heap[child];
    hole = child;
  }
  heap[hole] = item;
}
