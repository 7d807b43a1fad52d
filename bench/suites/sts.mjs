// What is measured: Spearman's rank correlation (ties at their mean rank) between the cosine of two sentences' embeddings
// and what people said of their similarity, on the test set of the STS benchmark (Cer et al. 2017, "SemEval-2017 Task 1":
// 1 379 pairs), in all and by source; and sentences a second.
// Data: sts-b/sts-test.tsv (score, sentence1, sentence2, source) in NEARFIELD_BENCH_DATA.
// Run: NEARFIELD_BENCH_DATA=folder npm run bench -- sts
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encoder } from '@nearfield/encoders';

export const description = 'agreement of sentence embeddings with people, Spearman on the STS benchmark';

const ENCODERS = ['text:use-lite'];

export async function run() {
  const folder = process.env.NEARFIELD_BENCH_DATA;
  if (folder === undefined) throw new Error('Set NEARFIELD_BENCH_DATA to the folder that holds the data sets');
  const pairs = readPairs(join(folder, 'sts-b', 'sts-test.tsv'));
  const rows = [];
  for (const name of ENCODERS) rows.push(await measure(name, pairs));
  return rows;
}

async function measure(name, pairs) {
  const model = await encoder(name);
  // The model is loaded before the clock starts.
  await model.encode([{ kind: 'text', text: 'a sentence' }]);
  const sentences = pairs.flatMap(({ first, second }) => [first, second]);
  const started = performance.now();
  const embeddings = await model.encode(sentences.map((text) => ({ kind: 'text', text })));
  const seconds = (performance.now() - started) / 1000;
  await model.close();
  const cosines = pairs.map((_, i) => cosine(embeddings[2 * i], embeddings[2 * i + 1]));
  const row = { encoder: name, pairs: pairs.length };
  for (const source of ['all', ...new Set(pairs.map(({ source }) => source))]) {
    const chosen = [...pairs.keys()].filter((i) => source === 'all' || pairs[i].source === source);
    row[source] = Number(
      spearman(
        chosen.map((i) => cosines[i]),
        chosen.map((i) => pairs[i].score),
      ).toFixed(3),
    );
  }
  row['sentences/s'] = Math.round(sentences.length / seconds);
  return row;
}

function readPairs(path) {
  const [, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [score, first, second, source] = line.split('\t');
    // 'main-captions/MSRvid/2012test': the kind of text is the first part.
    return { score: Number(score), first, second, source: source.split('/')[0] };
  });
}

function cosine(a, b) {
  let [dot, aa, bb] = [0, 0, 0];
  for (let d = 0; d < a.length; d++) {
    dot += a[d] * b[d];
    aa += a[d] * a[d];
    bb += b[d] * b[d];
  }
  return dot / Math.sqrt(aa * bb);
}

/** Pearson's correlation of the ranks. */
function spearman(a, b) {
  const [x, y] = [ranks(a), ranks(b)];
  const middle = (a.length - 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xy += (x[i] - middle) * (y[i] - middle);
    xx += (x[i] - middle) ** 2;
    yy += (y[i] - middle) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}

/** Ranks from 0; equal values share the mean of theirs. */
function ranks(values) {
  const order = [...values.keys()].sort((i, j) => values[i] - values[j]);
  const ranked = Array.from({ length: values.length });
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]] === values[order[from]]) to++;
    for (let i = from; i <= to; i++) ranked[order[i]] = (from + to) / 2;
    from = to + 1;
  }
  return ranked;
}
