// What is measured: recall@10 against the exact answer, and queries a second of one caller through each engine's public
//   search (Nearfield's with ids only), over a range of ef; the speed at recall .95 and its ratio to hnswlib-node in the same
//   run; then, at the smallest ef that reaches it, 1, 2 and 4 callers at once, and Nearfield's searchBatch on 1 and 2
//   threads. All graphs have M 16 and efConstruction 200; hnswlib-node is as npm builds it, and is given its queries as
//   number[] made beforehand ("converting": as the Float32Array that Nearfield takes, converted within the timed call).
//   Engines take turns at each ef; medians, and the range over the repetitions.
// Data: NEARFIELD_BENCH_SETS (glove by default, glosses, clustered), whole or by NEARFIELD_BENCH_SIZES; 1 000 queries that
//   are not among the rows. NEARFIELD_BENCH_ENGINES, NEARFIELD_BENCH_EFS and NEARFIELD_BENCH_REPETITIONS narrow it.
// Run: npm run bench -- ann. Indexes are built once (minutes) and kept in bench/.cache.
import { ENGINES, PEER } from '../adapters/engines.mjs';
import { loadDataSet } from '../data/data-set.mjs';
import { batchOnThreads } from '../measure/batch-on-threads.mjs';
import { closeContenders, openContenders } from '../measure/contenders.mjs';
import { efAt, ratesAt, ratios } from '../measure/curve.mjs';
import { median, range, shown } from '../measure/spread.mjs';
import { askConcurrently, sweep } from '../measure/sweep.mjs';
import { TARGET, dataSets, efs, engines, repetitions } from '../settings.mjs';

export const description = 'recall and queries a second of approximate search, against hnswlib-node and zvec';

const CALLERS = [1, 2, 4];

export async function run() {
  const tables = {};
  const compared = engines(ENGINES.map(({ label }) => label));
  for (const [name, rows] of await dataSets(['glove'])) {
    const set = await loadDataSet(name, rows);
    const title = `${name}, ${rows} rows of ${set.dimensions}`;
    const contenders = await openContenders(compared, set);
    const count = repetitions(5);
    const curves = await sweep(contenders, set.truth, efs(), count);
    const callers = await atOnce(contenders, curves, count);
    await closeContenders(contenders);
    tables[`${title}: the curve`] = curveRows(curves);
    tables[`${title}: at recall ${TARGET}`] = contenders.map((contender) => targetRow(contender, curves));
    tables[`${title}: callers at once, queries/s`] = callers;
    const batches = [];
    for (const contender of contenders) {
      if (contender.index.searchMany === undefined) continue;
      batches.push(await batchOnThreads(contender, efAt(curves.get(contender.label), TARGET), count));
    }
    if (batches.length > 0) tables[`${title}: searchBatch by threads, queries/s`] = batches;
  }
  return tables;
}

function curveRows(curves) {
  return [...curves].flatMap(([engine, curve]) =>
    curve.map(({ ef, recall, rates }) => ({
      engine,
      ef,
      'recall@10': shown(recall, 4),
      'queries/s': shown(median(rates), 4),
      'over the repetitions': range(rates, 4),
    })),
  );
}

function targetRow({ label, built }, curves) {
  const rates = ratesAt(curves.get(label), TARGET);
  const peer = curves.has(PEER) ? ratios(rates, ratesAt(curves.get(PEER), TARGET)) : [];
  return {
    engine: label,
    'queries/s': shown(median(rates), 4),
    'over the repetitions': range(rates, 4),
    [`times ${PEER}`]: shown(median(peer)),
    'range of the ratio': range(peer),
    'build s': shown(built.seconds),
  };
}

async function atOnce(contenders, curves, count) {
  const rows = contenders.map(({ label }) => ({ engine: label, ef: efAt(curves.get(label), TARGET) }));
  const rates = contenders.map(() => CALLERS.map(() => []));
  for (let repetition = 0; repetition < count; repetition++) {
    for (const [i, callers] of CALLERS.entries()) {
      for (let turn = 0; turn < contenders.length; turn++) {
        const at = (turn + repetition) % contenders.length;
        const { index, queries } = contenders[at];
        const seconds = await askConcurrently(index, queries, rows[at].ef, callers);
        rates[at][i].push(queries.length / seconds);
      }
    }
  }
  for (const [at, row] of rows.entries()) {
    for (const [i, callers] of CALLERS.entries()) {
      row[`${callers} at once`] = shown(median(rates[at][i]), 4);
      row[`range of ${callers}`] = range(rates[at][i], 4);
    }
  }
  return rows;
}
