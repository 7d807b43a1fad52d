/** Tells whether a moment is past, in milliseconds since the epoch; undefined for one that never comes. */
export function lateAfter(deadline: number, now: () => number = Date.now): (() => boolean) | undefined {
  return deadline === Infinity ? undefined : () => now() > deadline;
}
