import {
  USUAL_TIMES,
  bytesOfCode,
  type MachineTimes,
  type Machines,
  type MeasuredTimes,
  type ScanPoint,
} from '../indexes/index.js';
import type { Quantization } from '../schema/index.js';

/** What a space is like, as far as costs go. */
export interface VectorShape {
  readonly dimensions: number;
  readonly quantization: Quantization;
  /** Whether full-precision vectors are in memory, and not only in the file. */
  readonly inMemory: boolean;
}

/**
 * What the times were measured on that costs are reckoned by: on the segment when it was made, here or on another machine, whose
 * times are then changed in proportion; on this machine; on none.
 */
export type CostSource = 'segment' | 'segment-elsewhere' | 'machine' | 'usual';

/** By what the costs of searching a segment are reckoned. */
export interface StepTimes {
  readonly source: CostSource;
  readonly here: MachineTimes;
  /** The machine on which `measured`, and the walks, were measured. */
  readonly there: MachineTimes;
  readonly measured: MeasuredTimes | undefined;
}

/** What a walk is expected to do, and to take where it was measured, in microseconds. */
export interface ExpectedWork {
  readonly computed: number;
  readonly hops: number;
  readonly micros: number | undefined;
  /** Vectors that it reads from the file, to score them. */
  readonly read: number;
}

/**
 * A search that is expected to take longer than this, in microseconds, leaves the calling thread; where handing it over takes longer, than
 * that, up to the most. To hand over one of 1.1 ms made it take 2.1 in place of 1.6 (GloVe, 340 000 rows, a tenth matching).
 */
const INLINE_COST = 2000;
const MOST_INLINE_COST = 4000;
/** From this share on, memory is read in order where every vector is passed. */
const IN_ORDER = 0.3;

/** What is known of the times of searching a segment, or vectors of which nothing was measured. */
export function timesOf({ here, times }: Machines, measured?: MeasuredTimes): StepTimes {
  const known = times.get(here);
  const machine = known ?? USUAL_TIMES;
  const both = { here: machine, there: machine, measured };
  if (measured === undefined) return { ...both, source: known === undefined ? 'usual' : 'machine' };
  const other = measured.machine === here ? undefined : times.get(measured.machine);
  if (known === undefined || other === undefined) return { ...both, source: 'segment' };
  return { ...both, there: other, source: 'segment-elsewhere' };
}

/** Microseconds up to which a search runs on the calling thread. */
export function inlineCost({ here, times }: Machines): number {
  const { handOver } = times.get(here) ?? USUAL_TIMES;
  return Math.min(MOST_INLINE_COST, Math.max(INLINE_COST, handOver));
}

/** Time of passing `vectors` and comparing those of them that match with a query, in microseconds. */
export function scanCost(shape: VectorShape, times: StepTimes, vectors: number, matching: number): number {
  const reckoned = (machine: MachineTimes) => {
    if (!shape.inMemory) return vectors * shape.dimensions * 4 * machine.fileByte;
    const each =
      matching >= vectors * IN_ORDER ? shape.dimensions * 4 * machine.scannedByte : listedVector(shape, machine);
    return vectors * machine.passedVector + matching * each;
  };
  return measuredCost(times, shape.inMemory ? times.measured?.scan : undefined, matching, reckoned);
}

/** Time of looking up the vectors that match, of the `rows` there are, and comparing them, in microseconds. */
export function listedScanCost(shape: VectorShape, times: StepTimes, rows: number, matching: number): number {
  const reckoned = (machine: MachineTimes) => {
    const each = shape.inMemory ? listedVector(shape, machine) : machine.fileVector;
    return rows * machine.bitmapRow + matching * (each + machine.lookedUpRow);
  };
  return measuredCost(times, shape.inMemory ? times.measured?.scanMatching : undefined, matching, reckoned);
}

/** Time of a walk, in microseconds. */
export function walkCost(shape: VectorShape, { here, there }: StepTimes, work: ExpectedWork): number {
  const { dimensions, quantization } = shape;
  const reckoned = (machine: MachineTimes) => {
    const bytes = bytesOfCode(dimensions, quantization);
    const distance = machine.distance[quantization] + bytes * machine.distanceByte[quantization];
    return work.computed * distance + work.hops * machine.hop;
  };
  const reading = work.read * here.fileVector;
  if (work.micros === undefined) return reading + reckoned(here);
  return reading + (here === there ? work.micros : (work.micros * reckoned(here)) / reckoned(there));
}

function listedVector({ dimensions }: VectorShape, machine: MachineTimes): number {
  return machine.listedVector + dimensions * 4 * machine.listedByte;
}

/** By what was measured, if it was; changed in proportion where that was on another machine. */
function measuredCost(
  { here, there }: StepTimes,
  points: readonly ScanPoint[] | undefined,
  matching: number,
  reckoned: (machine: MachineTimes) => number,
): number {
  if (points === undefined || points.length === 0) return reckoned(here);
  const micros = microsBetween(points, matching);
  return here === there ? micros : (micros * reckoned(here)) / reckoned(there);
}

/** Between two measured points on a line, and beyond the last in proportion. */
function microsBetween(points: readonly ScanPoint[], matching: number): number {
  const place = points.findIndex((point) => point.matching >= matching);
  if (place === 0) return points[0].micros;
  if (place < 0) {
    const last = points[points.length - 1];
    return (last.micros * matching) / last.matching;
  }
  const [before, after] = [points[place - 1], points[place]];
  const part = (matching - before.matching) / (after.matching - before.matching);
  return before.micros + part * (after.micros - before.micros);
}
