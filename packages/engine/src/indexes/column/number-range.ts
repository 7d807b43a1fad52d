import type { Condition } from '../../filter/index.js';

/** From `low` to `high`, both included; empty when `low` is the greater one. */
export interface NumberRange {
  readonly low: number;
  readonly high: number;
}

const NOTHING: NumberRange = { low: Infinity, high: -Infinity };

/** The numbers that meet a comparison, or two. */
export function rangeOf(condition: Extract<Condition, { kind: 'compare' | 'range' }>): NumberRange {
  if (condition.kind === 'compare') return bounded(condition);
  const { lower, upper } = condition;
  return {
    low: bounded({ operator: lower.inclusive ? 'gte' : 'gt', value: lower.value }).low,
    high: bounded({ operator: upper.inclusive ? 'lte' : 'lt', value: upper.value }).high,
  };
}

function bounded({
  operator,
  value,
}: Pick<Extract<Condition, { kind: 'compare' }>, 'operator' | 'value'>): NumberRange {
  if (typeof value !== 'number') return NOTHING;
  switch (operator) {
    case 'gt':
      return { low: nextNumber(value), high: Infinity };
    case 'gte':
      return { low: value, high: Infinity };
    case 'lt':
      return { low: -Infinity, high: -nextNumber(-value) };
    case 'lte':
      return { low: -Infinity, high: value };
    default:
      return operator satisfies never;
  }
}

const scratch = new DataView(new ArrayBuffer(8));

/** The least 64-bit number above a finite one: the next bit pattern (IEEE 754, 5.3.1, nextUp). */
function nextNumber(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  scratch.setFloat64(0, value);
  scratch.setBigInt64(0, scratch.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return scratch.getFloat64(0);
}
