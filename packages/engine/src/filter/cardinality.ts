/** How many rows pass: bounds that hold whatever the data, and the number to expect if clauses are independent. */
export interface Cardinality {
  readonly min: number;
  readonly expected: number;
  readonly max: number;
}

export function exactly(count: number): Cardinality {
  return { min: count, expected: count, max: count };
}

/** An expectation, moved into the bounds. */
export function between(min: number, expected: number, max: number): Cardinality {
  return { min, expected: Math.min(max, Math.max(min, expected)), max };
}

/** Rows out of `total` that pass all of the parts. At least what is left if they overlap as little as can be. */
export function intersection(parts: readonly Cardinality[], total: number): Cardinality {
  if (total === 0) return exactly(0);
  let min = total;
  let share = 1;
  let max = total;
  for (const part of parts) {
    min = Math.max(0, min + part.min - total);
    share *= part.expected / total;
    max = Math.min(max, part.max);
  }
  return between(min, share * total, max);
}

/** Rows out of `total` that pass at least one of the parts. */
export function union(parts: readonly Cardinality[], total: number): Cardinality {
  const others = parts.map((part) => negation(part, total));
  return negation(intersection(others, total), total);
}

/** Rows out of `total` that do not pass. */
export function negation({ min, expected, max }: Cardinality, total: number): Cardinality {
  return { min: total - max, expected: total - expected, max: total - min };
}
