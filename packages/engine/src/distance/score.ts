import type { Metric } from './metric.js';

/** Keeps rounding errors out of a cosine's range; -Infinity stays. */
export function clampCosine(dot: number): number {
  return Math.max(dot === -Infinity ? dot : -1, Math.min(1, dot));
}

/** The negative euclidean distance from the negative square of it. */
export function distanceFromSquare(negativeSquare: number): number {
  return 0 - Math.sqrt(-negativeSquare);
}

/** A kernel's score (dot product, or negative squared distance) as the metric's public one. */
export function publicScore(metric: Metric, score: number): number {
  switch (metric) {
    case 'cosine':
      return clampCosine(score);
    case 'dot':
      return score;
    case 'euclidean':
      return distanceFromSquare(score);
  }
}

/** Room for the rounding of scores, as a part of them: a f32 is right to 6e-8 of it. */
const ROUNDING = 1e-6;

/** A kernel's score that is below those of all whose public score is `minScore` or more, and not by much. */
export function kernelFloor(metric: Metric, minScore: number): number {
  if (!Number.isFinite(minScore)) return minScore;
  if (metric === 'euclidean' && minScore > 0) return Infinity;
  if (metric === 'cosine' && minScore <= -1) return -Infinity;
  const score = metric === 'euclidean' ? -(minScore ** 2) : minScore;
  return score - Math.abs(score) * ROUNDING - 1e-30;
}
