import { invalidFilter, type Place } from './filter-error.js';
import type { JsonValue } from './filter-node.js';
import { isFieldOperator, isLogicalOperator } from './operators.js';
import type { ParseLimits } from './parse-limits.js';
import { parseScalar } from './parse-scalar.js';
import { isPlainObject } from '../schema/plain-object.js';

/** An operand for a json field: a scalar, or an array or object to compare deeply, normalised by sorting its keys. */
export function parseJson(operand: unknown, limits: ParseLimits, place: Place): JsonValue {
  limits.count(place);
  if (Array.isArray(operand)) {
    limits.list(operand, place);
    return limits.within(operand, place, () =>
      // Array.from visits holes too, so that a sparse array is refused.
      Object.freeze(Array.from(operand, (element: unknown) => parseInner(element, limits, place))),
    );
  }
  if (isPlainObject(operand)) {
    return limits.within(operand, place, () => {
      const entries = Object.keys(operand)
        .sort()
        .map((key) => [key, parseMember(key, operand[key], limits, place)] as const);
      return Object.freeze(Object.fromEntries(entries));
    });
  }
  return parseScalar(operand, 'json', place);
}

/** Unlike an operand, what lies inside one may be null. */
function parseInner(value: unknown, limits: ParseLimits, place: Place): JsonValue {
  return value === null ? null : parseJson(value, limits, place);
}

function parseMember(key: string, value: unknown, limits: ParseLimits, place: Place): JsonValue {
  if (isFieldOperator(key) || isLogicalOperator(key)) {
    throw invalidFilter(
      place,
      `the operand has the operator ${key} as a key`,
      'plain data',
      value,
      'Operators do not nest inside an operand; use $not, $and or $or.',
    );
  }
  return parseInner(value, limits, place);
}
