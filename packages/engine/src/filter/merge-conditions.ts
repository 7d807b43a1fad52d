import type { FieldType } from '../schema/field-type.js';
import { NONE } from './combine.js';
import type { CompareNode, Condition, Filter, InNode, RangeNode, Scalar, Target } from './filter-node.js';

/** Types whose values are one scalar: of others, two conditions may be met by two different elements. */
const SINGLE: readonly FieldType[] = ['text', 'keyword', 'integer', 'float', 'boolean', 'datetime'];

type Side = 'lower' | 'upper';

/** Conditions on one target that together say the same as all of the given ones. */
export function mergeAll(conditions: readonly Condition[]): Filter[] {
  if (conditions.length === 1) return [...conditions];
  const [{ target }] = conditions;
  const parts = conditions.flatMap(sidesOf);
  const bounds = tightest(parts.filter(isCompare), 'strict');
  const lists = parts.filter(isIn);
  const others = parts.filter((part) => !isCompare(part) && !isIn(part) && part.kind !== 'exists');
  const merged = SINGLE.includes(target.type) ? mergeSingle(target, bounds, lists) : [...bounds, ...lists];
  const all = [...merged, ...others];
  // Any condition is met by a value, which exists.
  return all.length > 0 ? all : [conditions[0]];
}

/** Conditions on one target of which at least one holds where at least one of the given ones does. */
export function mergeAny(conditions: readonly Condition[]): Condition[] {
  if (conditions.length === 1) return [...conditions];
  const exists = conditions.find(({ kind }) => kind === 'exists');
  if (exists !== undefined) return [exists];
  const bounds = tightest(conditions.filter(isCompare), 'loose');
  const lists = conditions.filter(isIn);
  const others = conditions.filter((condition) => !isCompare(condition) && !isIn(condition));
  const values = new Set(lists.flatMap((list) => list.values));
  const list = lists.length > 0 ? [listOf(conditions[0].target, [...values])] : [];
  return [...bounds, ...list, ...others];
}

/** Bounds and lists of a field that has one value. */
function mergeSingle(target: Target, bounds: readonly CompareNode[], lists: readonly InNode[]): Filter[] {
  if (lists.length > 0) {
    const sets = lists.slice(1).map((list) => new Set(list.values));
    const values = lists[0].values.filter(
      (value) => sets.every((set) => set.has(value)) && bounds.every((bound) => meets(value, bound)),
    );
    return [values.length === 0 ? NONE : listOf(target, values)];
  }
  const lower = bounds.find((bound) => sideOf(bound) === 'lower');
  const upper = bounds.find((bound) => sideOf(bound) === 'upper');
  if (lower === undefined || upper === undefined) return [...bounds];
  if (lower.value === upper.value && meets(lower.value, lower) && meets(lower.value, upper)) {
    return [listOf(target, [lower.value])];
  }
  if (!(lower.value < upper.value)) return [NONE];
  const range: RangeNode = {
    kind: 'range',
    target,
    lower: Object.freeze({ value: lower.value, inclusive: lower.operator === 'gte' }),
    upper: Object.freeze({ value: upper.value, inclusive: upper.operator === 'lte' }),
  };
  return [Object.freeze(range)];
}

/** Of the bounds of one side and one type of value, the one that fewest, or most, values meet. */
function tightest(bounds: readonly CompareNode[], wanted: 'strict' | 'loose'): CompareNode[] {
  const kept = new Map<string, CompareNode>();
  for (const bound of bounds) {
    const key = `${sideOf(bound)} ${typeof bound.value}`;
    const other = kept.get(key);
    if (other === undefined || isTighter(bound, other) === (wanted === 'strict')) kept.set(key, bound);
  }
  return [...kept.values()];
}

/** Whether fewer values meet one bound than another of the same side and type. */
function isTighter(bound: CompareNode, other: CompareNode): boolean {
  if (bound.value === other.value) return bound.operator === 'gt' || bound.operator === 'lt';
  return bound.value > other.value === (sideOf(bound) === 'lower');
}

function meets(value: Scalar, { operator, value: bound }: CompareNode): boolean {
  switch (operator) {
    case 'gt':
      return value > bound;
    case 'gte':
      return value >= bound;
    case 'lt':
      return value < bound;
    case 'lte':
      return value <= bound;
    default:
      return operator satisfies never;
  }
}

function sideOf({ operator }: CompareNode): Side {
  return operator === 'gt' || operator === 'gte' ? 'lower' : 'upper';
}

/** A range as its two bounds; any other condition as it is. */
function sidesOf(condition: Condition): Condition[] {
  if (condition.kind !== 'range') return [condition];
  const { target, lower, upper } = condition;
  return [
    Object.freeze({ kind: 'compare', target, operator: lower.inclusive ? 'gte' : 'gt', value: lower.value }),
    Object.freeze({ kind: 'compare', target, operator: upper.inclusive ? 'lte' : 'lt', value: upper.value }),
  ];
}

/** The condition that the value is one of these. */
export function listOf(target: Target, values: readonly Scalar[]): InNode {
  return Object.freeze({ kind: 'in', target, values: Object.freeze([...values].sort(compareScalars)) });
}

/** A total order over mixed scalars: by type, then by value. */
function compareScalars(a: Scalar, b: Scalar): number {
  if (typeof a !== typeof b) return typeof a < typeof b ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function isCompare(condition: Condition): condition is CompareNode {
  return condition.kind === 'compare';
}

function isIn(condition: Condition): condition is InNode {
  return condition.kind === 'in';
}
