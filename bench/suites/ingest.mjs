// What is measured: ready-made vectors into a file, durably, in batches of 2 000 until all are acknowledged, and on until
//   they are indexed (optimize): seconds of each, and the ratio to the time that hnswlib-node takes to add the same rows
//   (made number[] beforehand, not counted; to memory, on one thread, not durable), before or after it in the same run and
//   never at once. Processor seconds are of all threads of the process. Meanwhile a searcher asks about every 20 ms: half for the row that was acknowledged last, half for
//   held-out queries, judged afterwards against the exact answer over the rows acknowledged before the search. And the
//   event-loop delay of the thread that does all this (perf_hooks; the timer's own interval of 5 ms is subtracted).
// Data: NEARFIELD_BENCH_SETS (glove by default), whole or by NEARFIELD_BENCH_SIZES; NEARFIELD_BENCH_ENGINES (nearfield none
//   and hnswlib-node by default) and NEARFIELD_BENCH_REPETITIONS (1 by default; the order alternates). Nothing is kept.
// Run: npm run bench -- ingest
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PEER } from '../adapters/engines.mjs';
import { CACHE } from '../data/cache-file.mjs';
import { loadVectors } from '../data/data-set.mjs';
import { ratios } from '../measure/curve.mjs';
import { watchEventLoop } from '../measure/event-loop-delay.mjs';
import { plainIngest } from '../measure/plain-ingest.mjs';
import { median, quantile, range, shown } from '../measure/spread.mjs';
import { watchedIngest } from '../measure/watched-ingest.mjs';
import { GRAPH, dataSets, engines, repetitions } from '../settings.mjs';

export const description =
  'durable ingest until indexed, searches and event-loop delay meanwhile, against hnswlib-node';

export async function run() {
  const compared = engines(['nearfield none', PEER]);
  const tables = {};
  for (const [name, rows] of await dataSets(['glove'])) {
    const set = await loadVectors(name, rows);
    const title = `${name}, ${rows} rows`;
    const runs = new Map(compared.map(({ label }) => [label, []]));
    const idle = watchEventLoop();
    await sleep(2000);
    const meanwhile = [{ engine: 'none: idle', ...delayColumns(idle.end()) }];
    for (let repetition = 0; repetition < repetitions(1); repetition++) {
      for (const engine of repetition % 2 === 0 ? compared : compared.toReversed()) {
        const phases = await ingest(engine, set);
        runs.get(engine.label).push(phases);
        const watched = phases.filter(({ delay }) => delay !== undefined);
        meanwhile.push(...watched.map((phase) => meanwhileRow(engine.label, phase)));
      }
    }
    tables[`${title}: seconds`] = [...runs].map(([label, of]) => timeRow(label, of, runs.get(PEER)));
    tables[`${title}: meanwhile`] = meanwhile;
  }
  return tables;
}

/** In a folder on the disk of the bench: a folder for temporary files may be in memory, where nothing is durable. */
async function ingest({ adapter, quantization }, set) {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'ingest-'));
  const { dimensions, metric, rows } = set;
  const options = { path: join(folder, 'index'), dimensions, metric, rows, quantization, ...GRAPH };
  try {
    const index = await adapter.build(options);
    // The searcher shares the thread: an engine that holds it while it adds is not searched meanwhile.
    const phases = adapter.holdsThread ? await plainIngest(index, set) : await watchedIngest(index, set);
    await index.close();
    return phases;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function timeRow(label, runs, peerRuns = []) {
  const acknowledged = runs.map(([added]) => added.seconds);
  const indexed = runs.map(([added, finished]) => added.seconds + finished.seconds);
  const processor = runs.map(([added, finished]) => added.processor + finished.processor);
  // hnswlib-node indexes as it adds; what follows is the writing of its file, which it is not asked to count.
  const counted = label === PEER ? acknowledged : indexed;
  const peer = ratios(
    counted,
    peerRuns.map(([added]) => added.seconds),
  );
  return {
    engine: label,
    'acknowledged after s': shown(median(acknowledged)),
    'indexed and kept after s': shown(median(indexed)),
    'over the repetitions': range(indexed),
    'processor s': shown(median(processor)),
    [`indexed, times ${PEER} adding`]: shown(median(peer)),
    'range of the ratio': range(peer),
  };
}

function meanwhileRow(engine, { phase, seconds, delay, searches, checked }) {
  const times = searches.map(({ ms }) => ms);
  return {
    engine: `${engine}: ${phase}`,
    ...delayColumns(delay),
    seconds: shown(seconds),
    searches: searches.length,
    'search ms': shown(median(times)),
    'p99 of it': shown(quantile(times, 0.99)),
    wrong: checked.wrong,
    'newest found': `${checked.newestFound} of ${checked.newest}`,
    'recall@10': shown(checked.recall, 4),
    'worst of it': shown(checked.worst),
    judged: checked.sampled,
  };
}

function delayColumns({ p50, p99, max }) {
  return { 'delay p50 ms': shown(p50), 'p99 ms': shown(p99), 'max ms': shown(max) };
}
