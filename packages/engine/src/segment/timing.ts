/** Of several times of the same work that which it takes when nothing holds it up, as something may: the lower quartile. */
export function undisturbed(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >>> 2];
}

/** A walk, what it took in microseconds, and what it did in that time. */
export interface TimedWalk {
  readonly micros: number;
  readonly computed: number;
  readonly hops: number;
}

/**
 * The times of a distance and of a hop, from a walk that follows few links for each distance and one, inside a bitmap of few,
 * that follows many.
 */
export function timesOfWalk(few: TimedWalk, many: TimedWalk): { distance: number; hop: number } {
  const determinant = few.computed * many.hops - many.computed * few.hops;
  const distance = (few.micros * many.hops - many.micros * few.hops) / determinant;
  const hop = (few.computed * many.micros - many.computed * few.micros) / determinant;
  // A machine that is busy may have held up one of the two; a walk takes its time by one of them at least.
  const most = few.micros / few.computed;
  const likely = Math.min(most, Math.max(most / 4, distance));
  return { distance: likely, hop: Math.min(4 * most, Math.max(most / 8, hop)) };
}
