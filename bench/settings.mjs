// What a run measures can be narrowed or widened by the environment. Lists are separated by commas.
import { DATA_SETS } from './data/data-set.mjs';
import { engineOf } from './adapters/engines.mjs';

/** The graph is built alike by all engines. */
export const GRAPH = { m: 16, efConstruction: 200 };
/** Neighbours asked for. */
export const K = 10;
/** Speeds are compared at this recall@10. */
export const TARGET = 0.95;

/** NEARFIELD_BENCH_ENGINES: labels from adapters/engines.mjs. */
export function engines(byDefault) {
  return list('ENGINES', byDefault).map(engineOf);
}

/** NEARFIELD_BENCH_EFS: candidates that a walk keeps, ascending. */
export function efs() {
  return numbers('EFS', [10, 20, 30, 40, 60, 80, 100, 120, 160, 200, 300, 400]).sort((a, b) => a - b);
}

/** NEARFIELD_BENCH_REPETITIONS. */
export function repetitions(byDefault) {
  return numbers('REPETITIONS', [byDefault])[0];
}

/** NEARFIELD_BENCH_SIZES. */
export function sizes(byDefault) {
  return numbers('SIZES', byDefault);
}

/** NEARFIELD_BENCH_SEED: generated data is drawn with it and the numbers behind it. */
export function seed(byDefault) {
  return numbers('SEED', [byDefault])[0];
}

/**
 * NEARFIELD_BENCH_SETS and NEARFIELD_BENCH_SIZES: the pairs [data set, rows]. Sizes beyond a data set are left out; without
 * sizes, a data set is taken whole.
 */
export async function dataSets(sets, sizes) {
  const pairs = [];
  for (const set of list('SETS', sets)) {
    if (!DATA_SETS.includes(set)) throw new Error(`No data set ${set}; there are ${DATA_SETS.join(', ')}`);
    const { largest } = await import(`./data/${set}.mjs`);
    for (const size of numbers('SIZES', sizes ?? [largest])) if (size <= largest) pairs.push([set, size]);
  }
  return pairs;
}

function numbers(name, byDefault) {
  return list(name, byDefault).map((given) => {
    const number = Number(given);
    if (!Number.isInteger(number) || number < 1) throw new Error(`NEARFIELD_BENCH_${name}: ${given} is not a count`);
    return number;
  });
}

function list(name, byDefault) {
  const given = process.env[`NEARFIELD_BENCH_${name}`];
  return given === undefined ? [...byDefault] : given.split(',').map((part) => part.trim());
}
