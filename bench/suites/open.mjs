// What is measured: a finished index is opened in a fresh process: milliseconds from the call of open to the first answer
//   (k 10, the engine's own choice of ef), the loading of the engine's code not counted; and the size of the file (for zvec
//   its folder) over the raw bytes of the vectors. hnswlib-node reads the file that writeIndex wrote, which has no
//   checksums. The file is in the system's page cache. Engines take turns; medians, and the range over the repetitions.
// Data: NEARFIELD_BENCH_SETS (glove by default), whole or by NEARFIELD_BENCH_SIZES. NEARFIELD_BENCH_ENGINES and
//   NEARFIELD_BENCH_REPETITIONS too.
// Run: npm run bench -- open
import { ENGINES } from '../adapters/engines.mjs';
import { loadDataSet } from '../data/data-set.mjs';
import { builtIndex } from '../measure/built-index.mjs';
import { inFreshProcess } from '../measure/fresh-process.mjs';
import { recall } from '../measure/recall.mjs';
import { median, range, shown } from '../measure/spread.mjs';
import { K, dataSets, engines, repetitions } from '../settings.mjs';

export const description = 'from open to the first answer in a fresh process, and the size of the file';

export async function run() {
  const compared = engines(ENGINES.filter(({ converting }) => !converting).map(({ label }) => label));
  const tables = {};
  for (const [name, rows] of await dataSets(['glove'])) {
    tables[`${name}, ${rows} rows`] = await measure(await loadDataSet(name, rows), compared);
  }
  return tables;
}

async function measure(set, compared) {
  const subjects = [];
  for (const engine of compared) {
    subjects.push({ label: engine.label, built: await builtIndex(engine, set), answers: [] });
  }
  for (let repetition = 0; repetition < repetitions(7); repetition++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const { label, built, answers } = subjects[(turn + repetition) % subjects.length];
      const message = { label, options: built.options, query: set.queries[0], k: K };
      answers.push(await inFreshProcess('first-answer-process.mjs', message));
    }
  }
  const raw = set.vectors.byteLength;
  return subjects.map(({ label, built, answers }) => {
    const times = answers.map(({ answeredMs }) => answeredMs);
    return {
      engine: label,
      'first answer ms': shown(median(times)),
      'over the repetitions': range(times),
      'of that, open ms': shown(median(answers.map(({ openMs }) => openMs))),
      'recall@10 of that one': shown(recall([answers[0].ids], set.truth, K)),
      'file MB': shown(built.fileBytes / 1e6),
      'file over raw': shown(built.fileBytes / raw),
    };
  });
}
