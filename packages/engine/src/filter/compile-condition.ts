import type { CompareNode, Condition, ContainsNode, EqualsNode, InNode, RangeNode, WithinNode } from './filter-node.js';
import { deepEqual } from './deep-equal.js';
import { isPoint } from './geo-point.js';
import { compileRegion } from './region.js';

/** Whether a condition holds for one stored value, which may be missing (undefined or null). */
export type ValueTest = (value: unknown) => boolean;

/** Below this many values, comparing each is faster than hashing. */
const SHORT_LIST = 8;

export function compileCondition(condition: Condition): ValueTest {
  switch (condition.kind) {
    case 'exists':
      return (value) => value !== undefined && value !== null;
    case 'in':
      return forValues(condition, oneOf(condition));
    case 'compare':
      return forValues(condition, inOrder(condition));
    case 'range':
      return forValues(condition, inRange(condition));
    case 'equals':
      return equals(condition);
    case 'contains':
      return contains(condition);
    case 'within':
      return within(condition);
    default:
      throw unreachable(condition);
  }
}

/** Lifts a test of one scalar to what a field of the type stores. */
function forValues({ target }: Condition, test: ValueTest): ValueTest {
  switch (target.type) {
    case 'datetime':
      return (value) => test(value instanceof Date ? value.getTime() : value);
    case 'keyword[]':
    case 'json':
      return (value) => (Array.isArray(value) ? anyElement(value, test) : test(value));
    default:
      return test;
  }
}

function anyElement(elements: readonly unknown[], test: ValueTest): boolean {
  for (let at = 0; at < elements.length; at++) {
    if (test(elements[at])) return true;
  }
  return false;
}

function oneOf({ values }: InNode): ValueTest {
  if (values.length === 1) {
    const [only] = values;
    return (value) => value === only;
  }
  if (values.length <= SHORT_LIST) return (value) => (values as readonly unknown[]).includes(value);
  const set = new Set<unknown>(values);
  return (value) => set.has(value);
}

function inOrder({ operator, value: bound }: CompareNode): ValueTest {
  // Only values of one type are in order; with typeof known, the comparison of `unknown` by cast is sound.
  const type = typeof bound;
  switch (operator) {
    case 'gt':
      return (value) => typeof value === type && (value as typeof bound) > bound;
    case 'gte':
      return (value) => typeof value === type && (value as typeof bound) >= bound;
    case 'lt':
      return (value) => typeof value === type && (value as typeof bound) < bound;
    case 'lte':
      return (value) => typeof value === type && (value as typeof bound) <= bound;
    default:
      throw unreachable(operator);
  }
}

function inRange({ lower, upper }: RangeNode): ValueTest {
  const type = typeof lower.value;
  const [low, high] = [lower.value, upper.value];
  return (value) =>
    typeof value === type &&
    ((value as typeof low) > low || (lower.inclusive && value === low)) &&
    ((value as typeof high) < high || (upper.inclusive && value === high));
}

function equals({ scope, value: operand }: EqualsNode): ValueTest {
  const same: ValueTest = (value) => deepEqual(value, operand);
  switch (scope) {
    case 'whole':
      return same;
    case 'element':
      return (value) => (Array.isArray(value) ? anyElement(value, same) : same(value));
    case 'either':
      return (value) => same(value) || (Array.isArray(value) && anyElement(value, same));
    default:
      throw unreachable(scope);
  }
}

function contains({ value: operand }: ContainsNode): ValueTest {
  const same: ValueTest = (value) => deepEqual(value, operand);
  const inArray: ValueTest = (value) => Array.isArray(value) && anyElement(value, same);
  if (typeof operand !== 'string') return inArray;
  return (value) => (typeof value === 'string' ? value.includes(operand) : inArray(value));
}

function within({ region, target }: WithinNode): ValueTest {
  const encloses = compileRegion(region);
  const inside: ValueTest = (value) => isPoint(value) && encloses(value[0], value[1]);
  if (target.type !== 'json') return inside;
  return (value) => inside(value) || (Array.isArray(value) && anyElement(value, inside));
}

function unreachable(value: never): Error {
  return new Error(`Unknown condition ${JSON.stringify(value)}`);
}
