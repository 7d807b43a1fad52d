const BATCH = 2000;

/**
 * Adds all rows of `set` to an empty index and finishes it, with nothing beside: `[{ phase, seconds }]` for the two. Rows
 * are brought into the form that the engine takes beforehand, batch by batch, which is not counted.
 */
export async function plainIngest(index, set) {
  const { dimensions, rows, vectors } = set;
  let adding = 0;
  for (let row = 0; row < rows; row += BATCH) {
    const batch = vectors.subarray(row * dimensions, Math.min(rows, row + BATCH) * dimensions);
    const prepared = index.prepareRows?.(batch);
    const started = performance.now();
    await (prepared === undefined ? index.add(batch, row) : index.addPrepared(prepared, row));
    adding += performance.now() - started;
  }
  const started = performance.now();
  await index.finish();
  return [
    { phase: 'added', seconds: adding / 1000 },
    { phase: 'finished', seconds: (performance.now() - started) / 1000 },
  ];
}
