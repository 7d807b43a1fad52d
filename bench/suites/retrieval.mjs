// What is measured: nDCG@10 of whole collections through the public search (words alone, meaning alone, hybrid by default
// settings) on the Cranfield, CACM and TIME test collections, and the time to ingest and to answer.
// Data: folders ir-cranfield, ir-cacm, ir-time (corpus*.jsonl, queries.jsonl, qrels.tsv) in NEARFIELD_BENCH_DATA.
// Run: NEARFIELD_BENCH_DATA=folder npm run bench -- retrieval
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { open } from '@nearfield/engine';

export const description = 'nDCG@10 by words, by meaning and hybrid on Cranfield, CACM and TIME';

const SETS = ['ir-cranfield', 'ir-cacm', 'ir-time'];

export async function run() {
  const folder = process.env.NEARFIELD_BENCH_DATA;
  if (folder === undefined) throw new Error('Set NEARFIELD_BENCH_DATA to the folder that holds the data sets');
  const rows = [];
  for (const set of SETS) rows.push(await measure(set, join(folder, set)));
  return rows;
}

async function measure(set, folder) {
  const corpus = readdirSync(folder)
    .filter((file) => /^corpus.*\.jsonl$/.test(file))
    .sort()
    .flatMap((file) => jsonLines(join(folder, file)));
  const queries = jsonLines(join(folder, 'queries.jsonl'));
  const judged = readJudgements(join(folder, 'qrels.tsv'));
  const db = await open(':memory:');
  const collection = await db.collection('documents', {
    fields: { title: 'text', text: 'text' },
    vectors: {
      meaning: { from: ['title', 'text'], encoder: 'text:use-lite' },
      words: { from: ['title', 'text'], encoder: 'bow:english' },
    },
  });
  const started = performance.now();
  await collection.upsert(corpus.map(({ _id, title, text }) => ({ id: String(_id), title: title ?? '', text })));
  const ingested = performance.now();
  const asked = queries.filter(({ _id }) => judged.has(String(_id)));
  const forms = {
    words: (text) => ({ near: { vector: 'words', text } }),
    meaning: (text) => ({ near: { vector: 'meaning', text } }),
    hybrid: (text) => ({ text }),
  };
  const row = { set, documents: corpus.length, queries: asked.length };
  for (const [name, form] of Object.entries(forms)) {
    const results = await collection.searchBatch(asked.map(({ text }) => ({ ...form(text), select: [] })));
    const gains = results.map(({ hits }, i) => ndcg(hits, judged.get(String(asked[i]._id))));
    row[name] = Number((gains.reduce((sum, gain) => sum + gain, 0) / gains.length).toFixed(3));
  }
  row['ingest s'] = Number(((ingested - started) / 1000).toFixed(1));
  row['3 x queries s'] = Number(((performance.now() - ingested) / 1000).toFixed(1));
  await db.close();
  return row;
}

/** Normalised discounted cumulative gain at 10 (Järvelin and Kekäläinen, 2002), with the judged grade as gain. */
function ndcg(hits, judgements) {
  const discounted = (grades) => grades.reduce((sum, grade, i) => sum + grade / Math.log2(i + 2), 0);
  const ideal = [...judgements.values()].sort((a, b) => b - a).slice(0, 10);
  return discounted(hits.slice(0, 10).map(({ id }) => judgements.get(id) ?? 0)) / discounted(ideal);
}

function readJudgements(path) {
  const judged = new Map();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [query, document, score] = line.split('\t');
    if (!(Number(score) > 0)) continue;
    if (!judged.has(query)) judged.set(query, new Map());
    judged.get(query).set(document, Number(score));
  }
  return judged;
}

function jsonLines(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
}
