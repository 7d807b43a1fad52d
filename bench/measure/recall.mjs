import { DEPTH } from '../data/ground-truth.mjs';

/** Rows this close to the k-th are as good as it: single precision cannot tell them apart. */
const TIE = 1e-6;

/**
 * Recall@k of answers (lists of ids, one for each query): the share of the k nearest that was found. A row that ties with
 * the k-th nearest counts as one of them, and an id that comes twice counts once.
 */
export function recall(answers, truth, k) {
  let found = 0;
  for (const [query, ids] of answers.entries()) {
    const from = query * DEPTH;
    const worst = truth.scores[from + k - 1] - TIE;
    const right = new Set();
    for (let i = from; i < from + DEPTH && truth.scores[i] >= worst; i++) right.add(truth.ids[i]);
    let hits = 0;
    for (const id of ids.slice(0, k)) if (right.delete(id)) hits++;
    found += hits;
  }
  return found / (answers.length * k);
}
