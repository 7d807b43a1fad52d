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
