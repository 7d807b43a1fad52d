import { median } from './spread.mjs';

/**
 * Queries a second at the recall `target`, from the curve of one repetition, or from the medians of all. Between two ef the
 * logarithm of the speed is taken to be linear in the recall. Undefined when no ef reaches the target.
 */
export function rateAt(curve, target, repetition) {
  const rate = ({ rates }) => (repetition === undefined ? median(rates) : rates[repetition]);
  let best;
  for (const [i, point] of curve.entries()) {
    if (point.recall < target) continue;
    const before = curve[i - 1];
    let reached = rate(point);
    if (before !== undefined && before.recall < target) {
      const share = (target - before.recall) / (point.recall - before.recall);
      reached = rate(before) ** (1 - share) * rate(point) ** share;
    }
    if (best === undefined || reached > best) best = reached;
  }
  return best;
}

/** The speeds at the recall `target`, one for each repetition; empty when no ef reaches it. */
export function ratesAt(curve, target) {
  const rates = curve[0].rates.map((_, repetition) => rateAt(curve, target, repetition));
  return rates.includes(undefined) ? [] : rates;
}

/** The ratios of two lists of the same repetitions; empty when one of them is. */
export function ratios(rates, others) {
  return rates.length === others.length ? rates.map((rate, i) => rate / others[i]) : [];
}

/** The smallest ef whose recall reaches `target`, or the largest of all. */
export function efAt(curve, target) {
  return (curve.find(({ recall }) => recall >= target) ?? curve.at(-1)).ef;
}
