import type { SegmentsHand } from '../segment/index.js';
import { searchElsewhere, searchHere, type Execution } from './execute-plan.js';

/** A search that is expected to take longer than this, in microseconds, does not run on the calling thread. */
export const INLINE_COST = 1000;
/** What the calling thread does in one turn of the event loop, in microseconds. */
const PIECE_COST = 1500;
/** Another thread gets up to so many pieces at a time: it waits for the end of a piece here before it gets more. */
const MOST_PIECES = 16;

/**
 * Answers what many plans ask of the segments, on all threads: this one, which takes a piece in each turn of the event loop,
 * and the others, which get larger pieces that shrink towards the end (guided self-scheduling, Polychronopoulos and Kuck,
 * 1987). Searches that are too long for this thread are left to the others. `answer` is called for each, in no order.
 */
export async function shareOut(
  executions: readonly Execution[],
  answer: (place: number, hands: ReadonlyMap<number, SegmentsHand>) => Promise<void>,
): Promise<void> {
  if (executions.length === 0) return;
  const { threads } = executions[0].scope.searchers;
  const cost = executions.reduce((sum, { plan }) => sum + plan.cost, 0);
  const each = Math.max(1, cost / executions.length);
  const takesPart = each <= INLINE_COST;
  const helpers = cost <= INLINE_COST ? 0 : takesPart ? threads - 1 : threads;
  const piece = Math.max(1, Math.floor(PIECE_COST / each));
  const away = new Set<Promise<void>>();
  let next = 0;
  const handOver = (size: number) => {
    const first = next;
    const part = executions.slice(first, (next += size));
    const work = searchElsewhere(part).then(async (hands) => {
      for (const [i, found] of hands.entries()) await answer(first + i, found);
    });
    const settled = work.finally(() => away.delete(settled));
    settled.catch(() => undefined);
    away.add(settled);
  };
  try {
    while (next < executions.length) {
      while (away.size < helpers && next < executions.length) {
        const left = executions.length - next;
        handOver(Math.min(left, Math.max(piece, Math.min(MOST_PIECES * piece, Math.ceil(left / (2 * threads))))));
      }
      if (!takesPart) await Promise.race(away);
      const end = takesPart ? Math.min(executions.length, next + piece) : next;
      for (; next < end; next++) await answer(next, searchHere(executions[next]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    while (away.size > 0) await Promise.race(away);
  } finally {
    await Promise.allSettled(away);
  }
}
