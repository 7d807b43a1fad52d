/**
 * Does `count` things by `work(first, end)`: in one piece, or where there is a clock, in pieces of `size` between which it is
 * looked at. The first is always done. Returns the part that was done before the time was up.
 */
export function inPieces(
  count: number,
  size: number,
  isLate: (() => boolean) | undefined,
  work: (first: number, end: number) => void,
): number {
  const step = isLate === undefined ? Math.max(1, count) : Math.max(1, size);
  for (let first = 0; first < count; first += step) {
    if (first > 0 && isLate!()) return first / count;
    work(first, Math.min(first + step, count));
  }
  return 1;
}
