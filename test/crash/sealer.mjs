// Upserts batches while segments are sealed and merged, until it is killed; prints a line for each that was acknowledged.
import { writeSync } from 'node:fs';
import { openWith } from '@nearfield/engine/internals/database';
import { LIMITS, SCHEMA, batchOf } from './sealed-batches.mjs';

const [path, first] = process.argv.slice(2);
const db = await openWith(path, { threads: 2, durability: 'relaxed' }, LIMITS);
const rows = await db.collection('rows', SCHEMA);
for (let batch = Number(first); ; batch++) {
  await rows.upsert(batchOf(batch));
  writeSync(1, `${batch}\n`);
  if (batch % 4 === 3) await rows.delete({ filter: { batch: batch - 3 } });
  // Merges and gives free pages back, while the next batches are written.
  if (batch % 5 === 0) void db.optimize();
}
