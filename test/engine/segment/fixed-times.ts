import type { Database } from '@nearfield/engine';

/** Microseconds, about as they are measured on one core of a server. */
const TIMES = { scanned: 0.015, listed: 0.05, distance: 0.06, hop: 0.06 };

/**
 * Makes plans go by fixed times of distances and hops in place of those that were measured when the graphs were made: these, and
 * with them the plans, depend on the machine and on what else it does.
 */
export async function goByFixedTimes(db: Database, collection: string): Promise<void> {
  const { core } = (await db.checksOf(collection))!;
  for (const { view } of core.live.current.dense.values()) {
    for (const segment of view.sealed) Object.assign(segment, { measured: { ...segment.measured, times: TIMES } });
  }
}
