import type { Quantization } from '../schema/index.js';

/** What the elementary steps of a search take on one machine, in microseconds. Plain JSON. */
export interface MachineTimes {
  /** A byte of vectors that are scanned in order. */
  readonly scannedByte: number;
  /** A vector somewhere in memory, and each of its bytes. */
  readonly listedVector: number;
  readonly listedByte: number;
  /** A vector that is passed under a bitmap: the test, and the jump to the next one. */
  readonly passedVector: number;
  /** A row that a bitmap has a bit for, and a matching one whose vectors are looked up. */
  readonly bitmapRow: number;
  readonly lookedUpRow: number;
  /** A distance of a walk, with the jump in memory, and each byte that it reads. */
  readonly distance: Readonly<Record<Quantization, number>>;
  readonly distanceByte: Readonly<Record<Quantization, number>>;
  /** A node whose links a walk follows. */
  readonly hop: number;
  /** A byte that is read from the file in order, and a vector that is read by its key. */
  readonly fileByte: number;
  readonly fileVector: number;
  /** A task that another thread takes and answers. */
  readonly handOver: number;
}

/** The machines of which something is known, by what tells them apart, and which of them this is. */
export interface Machines {
  readonly here: string;
  readonly times: ReadonlyMap<string, MachineTimes>;
}

/** What is usual, until a machine was measured. */
export const USUAL_TIMES: MachineTimes = {
  // About 25 GB/s.
  scannedByte: 4e-5,
  listedVector: 0.03,
  listedByte: 6e-5,
  passedVector: 2e-3,
  bitmapRow: 1e-4,
  lookedUpRow: 5e-3,
  distance: { none: 0.05, int8: 0.05, binary: 0.05 },
  distanceByte: { none: 1.6e-4, int8: 1.6e-4, binary: 1.6e-4 },
  hop: 0.08,
  fileByte: 1e-3,
  fileVector: 8,
  handOver: 100,
};

/** What is so many times more or less than usual was not measured on any machine. */
const MOST_UNUSUAL = 100;

/** The times that `stored` holds, if it has all of them and each is possible. */
export function parseMachineTimes(stored: unknown): MachineTimes | undefined {
  return isLike(stored, USUAL_TIMES) ? (stored as MachineTimes) : undefined;
}

function isLike(stored: unknown, usual: number | object): boolean {
  if (typeof usual === 'number') {
    return typeof stored === 'number' && stored >= usual / MOST_UNUSUAL && stored <= usual * MOST_UNUSUAL;
  }
  if (typeof stored !== 'object' || stored === null) return false;
  return Object.entries(usual).every(([name, value]) =>
    isLike((stored as Record<string, unknown>)[name], value as number | object),
  );
}

/** As near to what was measured as is possible: see parseMachineTimes. */
export function possibleTimes<Times extends object>(measured: Times, usual: Times): Times {
  const entries = Object.entries(usual).map(([name, value]) => {
    const found = (measured as Record<string, unknown>)[name];
    if (typeof value !== 'number') return [name, possibleTimes(found as object, value as object)];
    return [name, Math.min(value * MOST_UNUSUAL, Math.max(value / MOST_UNUSUAL, found as number))];
  });
  return Object.fromEntries(entries) as Times;
}

/** Bytes that a distance of a walk reads. */
export function bytesOfCode(dimensions: number, quantization: Quantization): number {
  switch (quantization) {
    case 'none':
      return dimensions * 4;
    case 'int8':
      return dimensions;
    case 'binary':
      return dimensions / 8;
    default:
      return quantization satisfies never;
  }
}
