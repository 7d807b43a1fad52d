import { ExactScan } from '../data/exact-scan.mjs';
import { K } from '../settings.mjs';

/** Searches whose recall is computed, spread evenly. */
const SAMPLE = 400;
/** Single precision cannot tell scores that are this close apart. */
const TIE = 1e-6;

/**
 * Judges searches that ran while rows were added, as searchMeanwhile gives them: `{ wrong, newestFound, newest, recall,
 * worst, sampled }`. Wrong is an answer without k distinct ids, or with an id that had not been sent. Of the k nearest of
 * the rows acknowledged before the search, one is missed when it is not among the hits although it is nearer than the last
 * of them: rows that came later may rightly have taken its place. `newestFound` counts the searches for the row
 * acknowledged last that have it, or its equal, first.
 */
export function checkSearches(searches, set) {
  const scan = new ExactScan(set.vectors, set.dimensions, set.rows, 1);
  const wrong = searches.filter(({ ids, acknowledged, sent }) => {
    const distinct = new Set(ids).size === ids.length;
    return !distinct || ids.length !== Math.min(K, acknowledged) || ids.some((id) => !(id >= 0 && id < sent));
  }).length;
  const forRows = searches.filter(({ row }) => row !== undefined);
  const newestFound = forRows.filter(
    ({ row, ids }) => ids[0] < set.rows && cosine(set, ids[0], rowOf(set, row)) > 1 - TIE,
  ).length;
  const forQueries = searches.filter(({ query }) => query !== undefined);
  const step = Math.max(1, forQueries.length / SAMPLE);
  const recalls = [];
  for (let at = 0; at < forQueries.length; at += step) recalls.push(recallOf(forQueries[Math.floor(at)], set, scan));
  return {
    wrong,
    newest: forRows.length,
    newestFound,
    sampled: recalls.length,
    recall: recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length,
    worst: Math.min(...recalls),
  };
}

function recallOf({ query, ids, acknowledged }, set, scan) {
  const vector = set.queries[query];
  const [nearest] = scan.search([vector], K, acknowledged);
  const known = ids.filter((id) => id >= 0 && id < set.rows);
  const last = Math.min(...known.map((id) => cosine(set, id, vector)));
  const found = new Set(ids);
  const missed = nearest.ids.filter((id, i) => !found.has(id) && nearest.scores[i] > last + TIE).length;
  return 1 - missed / nearest.ids.length;
}

function rowOf({ vectors, dimensions }, row) {
  return vectors.subarray(row * dimensions, (row + 1) * dimensions);
}

function cosine(set, row, vector) {
  const other = rowOf(set, row);
  let dot = 0;
  for (let i = 0; i < vector.length; i++) dot += vector[i] * other[i];
  return dot / (Math.hypot(...vector) * Math.hypot(...other));
}
