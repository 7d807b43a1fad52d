// What is measured: recall@10 against the exact answer among the rows that pass a filter, and queries a second of one caller,
//   by each engine's default choice at effort settings that suit it: Nearfield by default (it is given no ef); zvec and
//   hnswlib-node at the smallest of NEARFIELD_BENCH_EFS that reaches recall .95 in the cell, or the largest. zvec has its
//   inverted index on the column, hnswlib-node a JavaScript function. Each is asked all queries of a cell again and again before,
//   until what is JavaScript in it is compiled: that of Nearfield takes some 3 000 queries. Engines take turns; medians over the repetitions.
// Data: glove with a column that is spread evenly, at match rates of 50, 10, 1 and .1 %; glosses by their lexicographer
//   category, which follows from their meaning, for queries inside the category and outside of it.
// Run: npm run bench -- filtered. Indexes are built once (minutes) and kept in bench/.cache.
import { ExactScan } from '../data/exact-scan.mjs';
import { loadVectors } from '../data/data-set.mjs';
import * as glosses from '../data/glosses.mjs';
import { permutation, uniform } from '../data/random.mjs';
import { closeContenders, openContenders } from '../measure/contenders.mjs';
import { median, range, shown } from '../measure/spread.mjs';
import { K, TARGET, dataSets, efs, engines, repetitions } from '../settings.mjs';

export const description = 'recall and queries a second under filters, against hnswlib-node and zvec';

const COMPARED = ['nearfield none', 'hnswlib-node', 'zvec'];
/** A query is asked once a repetition. */
const QUERIES = 100;
/** Seconds that an engine is asked the queries before anything is timed. */
const WARM_UP = 2;
/** Values of the evenly spread column. */
const VALUES = 1000;
/** Categories: a large one, a middling and a small one. */
const CATEGORIES = [
  [18, 'noun.person'],
  [5, 'noun.animal'],
  [38, 'verb.motion'],
];

export async function run() {
  const tables = {};
  for (const [name, rows] of await dataSets(['glove', 'glosses'])) {
    const set = { ...(await loadVectors(name, rows)) };
    const cells = name === 'glosses' ? byCategory(set) : evenly(set);
    const contenders = await openContenders(engines(COMPARED), set);
    tables[`${name}, ${rows} rows of ${set.dimensions}`] = await measure(contenders, set, cells);
    await closeContenders(contenders);
  }
  return tables;
}

function evenly(set) {
  const order = permutation(set.rows, uniform(7));
  set.column = Int32Array.from(order, (place) => place % VALUES);
  return [50, 10, 1, 0.1].map((percent) => {
    const where = { least: 0, end: Math.round((VALUES * percent) / 100) };
    return { cell: `${percent} % match`, where, queries: set.queries.slice(0, QUERIES) };
  });
}

function byCategory(set) {
  const categories = glosses.categories();
  set.column = categories.subarray(0, set.rows);
  const ofQueries = categories.subarray(glosses.largest, glosses.largest + set.queries.length);
  return CATEGORIES.flatMap(([category, name]) => {
    const chosen = (inside) => set.queries.filter((_, i) => (ofQueries[i] === category) === inside).slice(0, QUERIES);
    const where = { least: category, end: category + 1 };
    return [
      { cell: `${name}, queries inside`, where, queries: chosen(true) },
      { cell: `${name}, queries outside`, where, queries: chosen(false) },
    ];
  });
}

async function measure(contenders, set, cells) {
  const rows = [];
  for (const { cell, where, queries } of cells) {
    const truth = exactAnswers(set, where, queries);
    const chosen = [];
    for (const contender of contenders) chosen.push(await effortOf(contender, queries, where, truth));
    for (const [at, contender] of contenders.entries()) {
      for (let left = WARM_UP; left > 0; ) left -= (await ask(contender, queries, where, chosen[at].ef)).seconds;
    }
    const rates = contenders.map(() => []);
    for (let repetition = 0; repetition < repetitions(3); repetition++) {
      for (let turn = 0; turn < contenders.length; turn++) {
        const at = (turn + repetition) % contenders.length;
        const { seconds } = await ask(contenders[at], queries, where, chosen[at].ef);
        rates[at].push(queries.length / seconds);
      }
    }
    for (const [at, { label, index }] of contenders.entries()) {
      rows.push({
        cell,
        engine: label,
        ef: chosen[at].ef ?? 'default',
        'recall@10': shown(chosen[at].recall, 4),
        expected: index.info === undefined ? '-' : shown(index.info.recall, 3),
        strategy: index.info?.strategy ?? '-',
        'queries/s': shown(median(rates[at]), 4),
        'over the repetitions': range(rates[at], 4),
      });
    }
  }
  return rows;
}

async function effortOf(contender, queries, where, truth) {
  const tried = contender.engine.adapter.name === 'nearfield' ? [undefined] : efs();
  let last;
  for (const ef of tried) {
    const { answers } = await ask(contender, queries, where, ef);
    last = { ef, recall: recallOf(answers, truth) };
    if (last.recall >= TARGET) break;
  }
  return last;
}

async function ask({ index, engine }, queries, where, ef) {
  const prepare = engine.converting ? undefined : index.prepare;
  const given = prepare === undefined ? queries : queries.map((query) => prepare(query));
  const answers = [];
  const started = performance.now();
  for (const query of given) {
    const answer = index.searchWhere(query, K, ef, where);
    answers.push(answer instanceof Promise ? await answer : answer);
  }
  return { answers, seconds: (performance.now() - started) / 1000 };
}

/** The ten nearest rows of each query among those that pass. */
function exactAnswers({ vectors, dimensions, column }, { least, end }, queries) {
  const passing = Array.from(column.keys()).filter((row) => column[row] >= least && column[row] < end);
  const chosen = new Float32Array(passing.length * dimensions);
  for (const [i, row] of passing.entries()) {
    chosen.set(vectors.subarray(row * dimensions, (row + 1) * dimensions), i * dimensions);
  }
  const scan = new ExactScan(chosen, dimensions, passing.length, queries.length);
  const found = scan.search(queries, K, passing.length);
  return found.map(({ ids }) => new Set(Array.from(ids, (i) => passing[i])));
}

function recallOf(answers, truth) {
  let [found, wanted] = [0, 0];
  for (const [i, answer] of answers.entries()) {
    wanted += truth[i].size;
    for (const id of answer) if (truth[i].has(id)) found++;
  }
  return found / wanted;
}
