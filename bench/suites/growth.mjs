// What is measured: how the queries a second at recall@10 .95 fall as the rows grow: of each engine at each size, and the
//   share that is left of its speed at the smallest size. `ef` is the smallest that reaches .95; where it is the smallest
//   of all, the speed is the one at its own recall, which is higher. One caller, public search, ids only; M 16, efConstruction 200;
//   engines take turns at each ef; medians, and the range over the repetitions.
// Data: NEARFIELD_BENCH_SETS (glove and clustered by default), at NEARFIELD_BENCH_SIZES (10000,100000,340000 by default;
//   1000000, which only clustered has, takes a quarter of an hour and more for each engine to build, once). A smaller size
//   is a random sample of a larger one. NEARFIELD_BENCH_ENGINES, NEARFIELD_BENCH_EFS and NEARFIELD_BENCH_REPETITIONS too.
// Run: npm run bench -- growth, or NEARFIELD_BENCH_SIZES=10000,1000000 NEARFIELD_BENCH_SETS=clustered npm run bench -- growth
import { PEER } from '../adapters/engines.mjs';
import { loadDataSet } from '../data/data-set.mjs';
import { closeContenders, openContenders } from '../measure/contenders.mjs';
import { efAt, ratesAt, ratios } from '../measure/curve.mjs';
import { median, range, shown } from '../measure/spread.mjs';
import { sweep } from '../measure/sweep.mjs';
import { TARGET, dataSets, efs, engines, repetitions } from '../settings.mjs';

export const description = 'queries a second at recall .95 as the rows grow, against hnswlib-node';

export async function run() {
  const compared = engines(['nearfield none', 'nearfield int8', PEER]);
  const sizes = new Map();
  for (const [name, rows] of await dataSets(['glove', 'clustered'], [10_000, 100_000, 340_000])) {
    if (!sizes.has(name)) sizes.set(name, []);
    sizes.get(name).push(rows);
  }
  const tables = {};
  for (const [name, rows] of sizes) tables[`${name}, at recall ${TARGET}`] = await grow(name, rows, compared);
  return tables;
}

async function grow(name, sizes, compared) {
  const speeds = new Map(compared.map(({ label }) => [label, []]));
  const table = [];
  for (const rows of sizes.toSorted((a, b) => a - b)) {
    const set = await loadDataSet(name, rows);
    const contenders = await openContenders(compared, set);
    const curves = await sweep(contenders, set.truth, efs(), repetitions(3));
    await closeContenders(contenders);
    for (const { label } of contenders) speeds.get(label).push(ratesAt(curves.get(label), TARGET));
    for (const { label, built } of contenders) {
      const curve = curves.get(label);
      const ef = efAt(curve, TARGET);
      table.push({
        engine: label,
        rows,
        ef,
        'recall@10 there': shown(curve.find((point) => point.ef === ef).recall, 4),
        ...speedColumns(speeds, label),
        'build s': shown(built.seconds),
      });
    }
  }
  return table.sort((a, b) => a.engine.localeCompare(b.engine) || a.rows - b.rows);
}

/** Of the size that was measured last. */
function speedColumns(speeds, label) {
  const all = speeds.get(label);
  const rates = all.at(-1);
  const peer = speeds.get(PEER) ?? [];
  const left = (of) => median(of.at(-1)) / median(of[0]);
  return {
    'queries/s': shown(median(rates), 4),
    'over the repetitions': range(rates, 4),
    [`times ${PEER}`]: shown(peer.length === 0 ? undefined : median(ratios(rates, peer.at(-1)))),
    'left of the smallest': shown(left(all)),
    [`left, times ${PEER}'s`]: shown(peer.length === 0 ? undefined : left(all) / left(peer)),
  };
}
