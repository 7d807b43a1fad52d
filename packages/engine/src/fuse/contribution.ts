import type { Candidates } from '../indexes/index.js';

/** What one leg adds to the score of the candidate at `place`, between 0 and its weight. */
export type LegContribution = (candidates: Candidates, place: number) => number;

/**
 * Relative score fusion: a leg's scores are stretched to [0, 1] over its candidates (min-max), so that legs of different
 * scales can be added (Lee, Analyses of Multiple Evidence Combination, 1997). A leg whose candidates all tie gives 1.
 */
export const relativeScore: LegContribution = ({ scores }, place) => {
  const [best, worst] = [scores[0], scores[scores.length - 1]];
  return best === worst ? 1 : (scores[place] - worst) / (best - worst);
};

/** Reciprocal rank fusion (Cormack, Clarke and Buettcher, 2009): only the places count. */
export function reciprocalRank(k: number): LegContribution {
  return (_candidates, place) => 1 / (k + place + 1);
}
