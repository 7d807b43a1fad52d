// What is measured: resident bytes a vector, in a fresh process that has opened a finished index and answered 100 queries:
//   its resident set, less that of a process that did the same with an index of 100 rows; and what the engine itself says
//   that it holds (Nearfield's stats). The raw vector is 4 bytes a dimension. Pages of mapped files count as resident.
//   Engines take turns; medians, and the range over the repetitions.
// Data: NEARFIELD_BENCH_SETS (glove by default), whole or by NEARFIELD_BENCH_SIZES. NEARFIELD_BENCH_ENGINES and
//   NEARFIELD_BENCH_REPETITIONS too.
// Run: npm run bench -- memory
import { ENGINES } from '../adapters/engines.mjs';
import { loadVectors } from '../data/data-set.mjs';
import { builtIndex } from '../measure/built-index.mjs';
import { inFreshProcess } from '../measure/fresh-process.mjs';
import { median, range, shown } from '../measure/spread.mjs';
import { K, dataSets, engines, repetitions } from '../settings.mjs';

export const description = 'resident bytes a vector, for each quantization and for the peers';

/** Too few to weigh, enough to answer. */
const EMPTY_ROWS = 100;
const QUERIES = 100;

export async function run() {
  const compared = engines(ENGINES.filter(({ converting }) => !converting).map(({ label }) => label));
  const tables = {};
  for (const [name, rows] of await dataSets(['glove']))
    tables[`${name}, ${rows} rows`] = await measure(name, rows, compared);
  return tables;
}

async function measure(name, rows, compared) {
  const set = await loadVectors(name, rows);
  const empty = await loadVectors(name, EMPTY_ROWS);
  const subjects = [];
  for (const engine of compared) {
    const indexes = [await builtIndex(engine, set), await builtIndex(engine, empty)];
    subjects.push({ label: engine.label, indexes, residents: [], stated: undefined });
  }
  for (let repetition = 0; repetition < repetitions(3); repetition++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const subject = subjects[(turn + repetition) % subjects.length];
      const [full, base] = await residentBytes(subject, set.queries.slice(0, QUERIES));
      subject.residents.push((full.resident - base.resident) / rows);
      subject.stated = full.stated;
    }
  }
  return subjects.map(({ label, residents, stated }) => ({
    engine: label,
    'bytes a vector': shown(median(residents), 4),
    'over the repetitions': range(residents, 4),
    'over raw': shown(median(residents) / (set.dimensions * 4)),
    'stated, a vector': shown(stated === undefined ? undefined : stated / rows, 4),
  }));
}

async function residentBytes({ label, indexes }, queries) {
  const answers = [];
  for (const { options } of indexes) {
    answers.push(await inFreshProcess('resident-process.mjs', { label, options, queries, k: K }));
  }
  return answers;
}
