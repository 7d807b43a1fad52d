import { between, exactly, union, type Cardinality, type Condition } from '../../filter/index.js';
import type { CodeRows } from './code-rows.js';
import type { Steps } from './column-index.js';
import type { Dictionary } from './dictionary.js';

/** Strings of a dictionary that an estimate tests. */
const SAMPLED_STRINGS = 1024;
/** Steps through lists or bitmaps between two pauses. */
const STEP_ROWS = 65_536;

/**
 * How many of the `present` rows with a value meet a condition. A row has one value, or several: then counts of values
 * overlap, in an unknown number of rows.
 */
export function estimateCodes(
  condition: Condition,
  dictionary: Dictionary,
  rows: CodeRows,
  present: number,
  several: boolean,
): Cardinality {
  if (condition.kind === 'exists') return exactly(present);
  if (condition.kind === 'equals') return between(0, present / Math.max(1, dictionary.size), present);
  const sampled = condition.kind === 'in' ? dictionary.size : Math.min(dictionary.size, SAMPLED_STRINGS);
  const counts = finished(dictionary.codesOf(condition, sampled)).map((code) => rows.count(code));
  if (sampled < dictionary.size) {
    // Of what was not looked at, all rows or none may match.
    const found = counts.reduce((sum, count) => sum + count, 0);
    return between(several ? 0 : found, (found * dictionary.size) / sampled, present);
  }
  if (several) return counts.length === 0 ? exactly(0) : union(counts.map(exactly), present);
  return exactly(counts.reduce((sum, count) => sum + count, 0));
}

/** Whether reading the code of every row is cheaper than going through the rows of each of these codes. */
export function scanIsCheaper(codes: readonly number[], index: CodeRows, rows: number): boolean {
  // A step along a list is a jump in memory.
  const limit = rows / 4;
  let steps = 0;
  for (const code of codes) if ((steps += index.cost(code, rows)) > limit) return true;
  return false;
}

/** Sets the bits of the rows of each code. */
export function* matchCodes(codes: readonly number[], index: CodeRows, rows: number, into: Uint32Array): Steps {
  let steps = 0;
  for (const code of codes) {
    index.match(code, rows, into, code === codes[0]);
    if ((steps += index.cost(code, rows) + 1) < STEP_ROWS) continue;
    steps = 0;
    yield;
  }
}

/** The rows of codes, where they are at most `most`; several codes must have no row in common. */
export function listCodes(
  codes: readonly number[],
  index: CodeRows,
  rows: number,
  most: number,
): Uint32Array | undefined {
  let total = 0;
  for (const code of codes) if ((total += index.count(code)) > most) return undefined;
  if (codes.length === 1) return index.list(codes[0], rows);
  const list = new Uint32Array(total);
  let length = 0;
  for (const code of codes) {
    const part = index.list(code, rows);
    list.set(part, length);
    length += part.length;
  }
  return list.subarray(0, length);
}

/** 1 at the place of each code plus 1. */
export function flagsOf(codes: readonly number[], size: number): Uint8Array {
  const flags = new Uint8Array(size + 1);
  for (const code of codes) flags[code + 1] = 1;
  return flags;
}

function finished<Result>(steps: Steps<Result>): Result {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}
