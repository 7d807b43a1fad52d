import type { JsonValue } from './filter-node.js';
import { isPlainObject } from '../schema/plain-object.js';

/**
 * Whether a stored value is the same JSON as the operand: own keys only, in any order. The recursion is no deeper than
 * the operand, which the parser bounds.
 */
export function deepEqual(value: unknown, operand: JsonValue): boolean {
  if (typeof operand !== 'object' || operand === null) return value === operand;
  if (typeof value !== 'object' || value === null) return false;
  if (isArray(operand)) {
    return (
      Array.isArray(value) &&
      value.length === operand.length &&
      operand.every((element, at) => deepEqual(value[at], element))
    );
  }
  if (!isPlainObject(value)) return false;
  const keys = Object.keys(operand);
  return (
    keys.length === Object.keys(value).length &&
    keys.every((key) => Object.hasOwn(value, key) && deepEqual(value[key], operand[key] ?? null))
  );
}

/** Array.isArray does not narrow readonly arrays. */
function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
