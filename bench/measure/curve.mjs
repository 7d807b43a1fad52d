/**
 * Queries a second at the recall `target` in one repetition. Between two ef the logarithm of the speed is taken to be linear
 * in the recall. Undefined when no ef reaches the target.
 */
export function rateAt(curve, target, repetition) {
  const at = curve.findIndex(({ recall }) => recall >= target);
  if (at === -1) return undefined;
  const rate = curve[at].rates[repetition];
  if (at === 0) return rate;
  const before = curve[at - 1];
  const share = (target - before.recall) / (curve[at].recall - before.recall);
  return before.rates[repetition] ** (1 - share) * rate ** share;
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
