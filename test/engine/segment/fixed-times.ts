import type { Database } from '@nearfield/engine';
import type { EffortCurve } from '@nearfield/engine/internals/indexes/index';

/** Microseconds, about as they are measured on one core of a server. */
const TIMES = { passed: 0.002, scanned: 0.015, listed: 0.05, distance: 0.06, hop: 0.06 };

/**
 * Makes plans go by fixed times of distances and hops in place of those that were measured when the graphs were made: these, and
 * with them the plans, depend on the machine and on what else it does.
 */
export async function goByFixedTimes(db: Database, collection: string): Promise<void> {
  const { core } = (await db.checksOf(collection))!;
  const { here } = db.context.calibration.machines;
  for (const { view } of core.live.current.dense.values()) {
    for (const segment of view.sealed) {
      const { measured, size } = segment;
      const scans = (first: number, each: number) =>
        [1, size].map((matching) => ({ matching, micros: first + matching * each }));
      const timed = {
        machine: here,
        scan: scans(size * TIMES.passed, TIMES.scanned),
        scanMatching: scans(0, TIMES.listed),
      };
      const filtered = measured.filtered?.map((one) => ({ ...one, curve: fixed(one.curve) }));
      Object.assign(segment, { measured: { ...measured, timed, curve: fixed(measured.curve), filtered } });
    }
  }
}

function fixed(curve: EffortCurve): EffortCurve {
  return curve.map((point) => {
    const { computed, hops = 0 } = point;
    return { ...point, micros: computed * TIMES.distance + hops * TIMES.hop };
  });
}
