import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { Collection } from '@nearfield/engine';
import { openWith } from '@nearfield/engine/internals/database';
import { WalkingQuery, walkWhenAsked } from '../engine/segment/walking-query.js';
import { seededRandom } from '../engine/filter/random-filter.js';
import { LIMITS, SCHEMA, SIZE, batchOf } from './sealed-batches.mjs';

const SEED = Number(process.env.NEARFIELD_SEED ?? 62);
const ROUNDS = 10;
/** Batches whose records are searched for, the last ones. */
const SEARCHED = 8;
const SEALER = fileURLToPath(new URL('./sealer.mjs', import.meta.url));

type Rows = Collection<typeof SCHEMA>;

t.test(`writers killed while they seal leave all that was acknowledged (NEARFIELD_SEED=${SEED})`, async (t) => {
  const random = seededRandom(SEED);
  const path = join(t.testdir(), 'a.nf');
  let [next, unfinished, sealed] = [0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const acknowledged = await writeUntilKilled(path, next, 4 + Math.floor(random() * 20));
    const db = walkWhenAsked(await openWith(path, {}, LIMITS), () => 200);
    const states = db.sql.prepare('SELECT count(*) FROM nf_segments WHERE complete = ?').pluck();
    const [half, whole] = [states.get(0) as number, states.get(1) as number];
    unfinished += half;
    sealed += whole;
    t.equal(db.sql.pragma('integrity_check', { simple: true }), 'ok', `round ${round}`);
    const rows = await db.collection('rows', SCHEMA);
    const { segments } = (await rows.stats()).vectors.v;
    t.equal(segments!.filter(({ kind }) => kind === 'sealed').length, whole, 'whole segments count, and no others');
    const last = await checkBatches(rows);
    t.ok(last === acknowledged || last === acknowledged + 1, `up to batch ${acknowledged}, found ${last}`);
    next = last + 1;
    if (round % 5 === 4) {
      await db.optimize();
      t.equal(states.get(0), 0, 'what was half made is gone');
      await checkBatches(rows);
    }
    await db.close();
  }
  t.ok(sealed > 0, `${sealed} segments were found whole, and ${unfinished} half made`);
});

/** Runs a writer, kills it behind its `kill`-th acknowledgement, and returns the last batch that it acknowledged. */
async function writeUntilKilled(path: string, first: number, kill: number): Promise<number> {
  const child = spawn(process.execPath, [SEALER, path, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
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

/** The last batch, after a look at all records that should be there; throws unless they are, and are found. */
async function checkBatches(rows: Rows): Promise<number> {
  const last = (await rows.get('shared'))?.batch ?? -1;
  const alive: { id: string; v: Float32Array }[] = [];
  let count = 0;
  for (let batch = 0; batch <= last; batch++) {
    const isDeleted = batch % 4 === 0 && (await rows.count({ batch })) === 0;
    // Deleted behind the third batch after it, unless the writer was killed in between.
    if (isDeleted && last < batch + 3) throw new Error(`batch ${batch} is gone`);
    if (isDeleted) continue;
    count += batch === last ? SIZE : SIZE - 1;
    if (batch <= last - SEARCHED) continue;
    for (const { id, vectors } of batchOf(batch)) {
      if (id !== 'shared' || batch === last) alive.push({ id, v: vectors.v });
    }
  }
  if ((await rows.count()) !== count) throw new Error(`${await rows.count()} records in place of ${count}`);
  const query = (value: Float32Array) => ({ near: { vector: 'v', value }, limit: 1, select: [] }) as const;
  const exact = await rows.searchBatch(alive.map(({ v }) => ({ ...query(v), exact: true })));
  for (const [i, { hits }] of exact.entries()) {
    if (hits[0].id !== alive[i].id) throw new Error(`record ${alive[i].id} is not its own nearest`);
  }
  const walked = await rows.searchBatch(alive.map(({ v }) => query(WalkingQuery.from(v))));
  const found = walked.filter(({ hits }, i) => hits[0].id === alive[i].id).length;
  if (found < 0.99 * alive.length) throw new Error(`only ${found} of ${alive.length} are found by walks`);
  return last;
}
