// Upserts batches until it is killed, and prints a line for each that has been acknowledged.
import { writeSync } from 'node:fs';
import { open } from '@nearfield/engine';
import { SCHEMA, batchOf } from './batches.mjs';

const [path, first] = process.argv.slice(2);
const db = await open(path);
const rows = await db.collection('rows', SCHEMA);
for (let batch = Number(first); ; batch++) {
  await rows.upsert(batchOf(batch));
  // By a system call of its own: what is in a stream's buffer dies with the process.
  writeSync(1, `${batch}\n`);
}
