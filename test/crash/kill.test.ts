import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { open, type Collection } from '@nearfield/engine';
import { seededRandom } from '../engine/filter/random-filter.js';
import { SCHEMA, batchOf, sizeOf } from './batches.mjs';

const SEED = Number(process.env.NEARFIELD_SEED ?? 61);
const ROUNDS = 100;
const WRITER = fileURLToPath(new URL('./writer.mjs', import.meta.url));

type Rows = Collection<typeof SCHEMA>;

t.test(
  `${ROUNDS} killed writers leave every acknowledged batch, and no half one (NEARFIELD_SEED=${SEED})`,
  async (t) => {
    const random = seededRandom(SEED);
    const folder = t.testdir();
    let unacknowledged = 0;
    let path = '';
    let next = 0;
    for (let round = 0; round < ROUNDS; round++) {
      // Ten writers one after the other in one file, each behind the wreck that the last one left.
      if (round % 10 === 0) [path, next] = [join(folder, `${round}.nf`), 0];
      const acknowledged = await writeUntilKilled(path, next, 1 + Math.floor(random() * 12));
      const db = await open(path);
      const rows = await db.collection('rows', SCHEMA);
      const found = await wholeBatches(rows);
      t.ok(acknowledged >= next, `round ${round}: the writer got on`);
      t.ok(found === acknowledged || found === acknowledged + 1, `round ${round}: up to batch ${acknowledged}`, {
        found,
      });
      unacknowledged += found - acknowledged;
      next = found + 1;
      await db.close();
    }
    t.comment(`${unacknowledged} of ${ROUNDS} writers were killed between a commit and its acknowledgement`);
  },
);

/** Runs a writer, kills it behind its `kill`-th acknowledgement, and returns the last batch that it acknowledged. */
async function writeUntilKilled(path: string, first: number, kill: number): Promise<number> {
  const child = spawn(process.execPath, [WRITER, path, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  let last = first - 1;
  let lines = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (++lines === kill) child.kill('SIGKILL');
  }
  await exit;
  return last;
}

/** The number of the last batch, after a look at every record of every batch up to it; throws if any is incomplete. */
async function wholeBatches(rows: Rows): Promise<number> {
  const shared = await rows.get('shared');
  const last = shared?.batch ?? -1;
  const ids: unknown[] = [];
  for await (const { id } of rows.scan({ select: [] })) ids.push(id);
  const expected = new Set(['shared']);
  for (let batch = 0; batch <= last; batch++) for (const { id } of batchOf(batch)) expected.add(id);
  const strange = ids.filter((id) => !expected.has(String(id)));
  if (strange.length > 0 || ids.length !== expected.size) {
    throw new Error(`${ids.length} records, of them strange ${strange.join()}; ${expected.size} expected`);
  }
  for (let batch = Math.max(0, last - 3); batch <= last; batch++) await searchBatch(rows, batch, batch === last);
  return last;
}

/** Finds the records of a batch by vector, by word and by filter. */
async function searchBatch(rows: Rows, batch: number, isLast: boolean): Promise<void> {
  const own = sizeOf(batch) - (isLast ? 0 : 1);
  const filter = { batch };
  const word = await rows.search({ near: { vector: 'words', text: `batch${batch}` }, limit: 100, select: [] });
  const counts = { filter: await rows.count(filter), word: word.hits.length };
  if (counts.filter !== own || counts.word !== own) {
    throw new Error(`batch ${batch} has ${own} records; found ${JSON.stringify(counts)}`);
  }
  if (own === 0) return;
  const { id, vectors } = batchOf(batch).at(-1)!;
  const { hits } = await rows.search({ near: { vector: 'v', value: vectors.v }, limit: 1 });
  if (hits[0].id !== id || hits[0].score !== 0) throw new Error(`record ${id} is not its own nearest`);
}
