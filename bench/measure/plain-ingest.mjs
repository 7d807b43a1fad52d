import { stopwatch } from './stopwatch.mjs';

const BATCH = 2000;

/**
 * Adds all rows of `set` to an empty index and finishes it, with nothing beside: `[{ phase, seconds, processor }]` for the two. Rows
 * are brought into the form that the engine takes beforehand, batch by batch, which is not counted.
 */
export async function plainIngest(index, set) {
  const { dimensions, rows, vectors } = set;
  const adding = { seconds: 0, processor: 0 };
  for (let row = 0; row < rows; row += BATCH) {
    const batch = vectors.subarray(row * dimensions, Math.min(rows, row + BATCH) * dimensions);
    const prepared = index.prepareRows?.(batch);
    const elapsed = stopwatch();
    await (prepared === undefined ? index.add(batch, row) : index.addPrepared(prepared, row));
    const { seconds, processor } = elapsed();
    adding.seconds += seconds;
    adding.processor += processor;
  }
  const elapsed = stopwatch();
  await index.finish();
  return [
    { phase: 'added', ...adding },
    { phase: 'finished', ...elapsed() },
  ];
}
