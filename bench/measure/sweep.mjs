import { K } from '../settings.mjs';
import { recall } from './recall.mjs';

/** Asks all queries, one after the other: the seconds that took, and the answers. */
export async function askAll(index, queries, ef) {
  const answers = Array.from({ length: queries.length });
  const started = performance.now();
  for (let i = 0; i < queries.length; i++) {
    const answer = index.search(queries[i], K, ef);
    answers[i] = answer instanceof Promise ? await answer : answer;
  }
  return { seconds: (performance.now() - started) / 1000, answers };
}

/** Asks all queries from `callers` callers at once, each of whom waits for an answer before asking again: the seconds. */
export async function askConcurrently(index, queries, ef, callers) {
  const search = index.searchAsync ?? index.search;
  let next = 0;
  const caller = async () => {
    while (next < queries.length) await search(queries[next++], K, ef);
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  return (performance.now() - started) / 1000;
}

/** Queries that a contender answers before the next takes its turn. */
const TURN = 250;

/**
 * Queries a second and recall of every contender ({ label, index, queries }) at each ef, for one caller. The contenders
 * take turns within a second, in another order in each repetition, so that what else the machine does falls on all of them.
 * Gives a Map from label to a curve: [{ ef, recall, rates: one for each repetition }].
 */
export async function sweep(contenders, truth, efs, repetitions) {
  const curves = new Map(contenders.map(({ label }) => [label, efs.map((ef) => ({ ef, rates: [] }))]));
  for (const { index, queries } of contenders) await askAll(index, queries.slice(0, TURN), efs.at(-1));
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const order = contenders.map((_, turn) => contenders[(turn + repetition) % contenders.length]);
    for (const [at, ef] of efs.entries()) {
      for (const [label, { seconds, answers }] of await inTurns(order, ef)) {
        const point = curves.get(label)[at];
        point.rates.push(answers.length / seconds);
        point.recall ??= recall(answers, truth, K);
      }
    }
  }
  return curves;
}

/**
 * Every contender answers all its queries at one ef: a Map from label to the seconds it needed and its answers. Contenders
 * that follow each other are at different queries: two that share an index would find in the processor's cache what the
 * other has just read.
 */
async function inTurns(contenders, ef) {
  const results = new Map(contenders.map(({ label }) => [label, { seconds: 0, answers: [] }]));
  const turns = Math.ceil(contenders[0].queries.length / TURN);
  for (let turn = 0; turn < turns; turn++) {
    for (const [place, { label, index, queries }] of contenders.entries()) {
      const from = ((turn + place) % turns) * TURN;
      const { seconds, answers } = await askAll(index, queries.slice(from, from + TURN), ef);
      const result = results.get(label);
      result.seconds += seconds;
      for (const [i, answer] of answers.entries()) result.answers[from + i] = answer;
    }
  }
  return results;
}
