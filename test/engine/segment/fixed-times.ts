import type { Database } from '@nearfield/engine';
import type { EffortCurve } from '@nearfield/engine/internals/indexes/index';

const untimed = (curve: EffortCurve) => curve.map((point) => ({ ...point, micros: undefined }));

/**
 * Makes plans go by what is usual in place of the times that were measured when the graphs were made: these, and with them the
 * plans, depend on the machine and on what else it does.
 */
export async function goByFixedTimes(db: Database, collection: string): Promise<void> {
  const { core } = (await db.checksOf(collection))!;
  for (const { view } of core.live.current.dense.values()) {
    for (const segment of view.sealed) {
      const { curve, filtered } = segment.measured;
      const measured = {
        ...segment.measured,
        timed: undefined,
        curve: untimed(curve),
        filtered: filtered?.map((one) => ({ ...one, curve: untimed(one.curve) })),
      };
      Object.assign(segment, { measured });
    }
  }
}
