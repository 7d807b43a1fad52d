import { compileFilter, filterFields, type Filter } from '../filter/index.js';
import type { Steps } from '../indexes/index.js';
import type { LiveRecords } from '../segment/index.js';
import { inSteps } from '../workers/index.js';
import { RowValues } from './row-values.js';

/** Rows of a sample, when all that the filter reads is in memory, and when records are read. */
const ROWS_IN_MEMORY = 4096;
const STORED_ROWS = 256;
/** Rows in memory that are tested between two pauses. */
const STEP_ROWS = 256;

/**
 * The share of the live records that passes a filter, from a sample at equal distances, which is the same each time. Never 0
 * or 1: half a row of either kind is added (Krichevsky and Trofimov, 1981).
 */
export async function sampleShare(filter: Filter, live: LiveRecords, signal?: AbortSignal): Promise<number> {
  return inSteps(testSample(filter, live), signal);
}

function* testSample(filter: Filter, live: LiveRecords): Steps<number> {
  const table = live.current;
  const values = new RowValues(table, live.store);
  const inMemory = filterFields(filter).every((field) => values.isInMemory(field));
  const test = compileFilter(filter, (field) => values.reader(field));
  const distance = Math.max(1, table.rows / (inMemory ? ROWS_IN_MEMORY : STORED_ROWS));
  let tested = 0;
  let passed = 0;
  // In a table that another one took the place of, rows may be gone unseen.
  for (let at = 0; at < table.rows && live.current === table; at += distance) {
    const row = Math.floor(at);
    if (!table.alive.has(row)) continue;
    tested++;
    if (test(row)) passed++;
    if (!inMemory || tested % STEP_ROWS === 0) yield;
  }
  return (passed + 0.5) / (tested + 1);
}
