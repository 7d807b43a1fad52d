import { NearfieldError, describe, type ErrorDetails } from '../errors/index.js';
import { isPlainObject } from '../schema/index.js';
import { checkText } from './check-text.js';
import { MAX_JSON_DEPTH } from './limits.js';

/** A copy of a JSON value without `undefined` members; throws INVALID_FIELD for anything that JSON cannot hold. */
export function checkedJson(value: unknown, what: string, at: ErrorDetails, depth = 0): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    checkText(value, what, at);
    return value;
  }
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (depth >= MAX_JSON_DEPTH) {
    throw new NearfieldError('INVALID_FIELD', `${what} nests too deep`, {
      ...at,
      expected: `at most ${MAX_JSON_DEPTH} levels`,
    });
  }
  if (Array.isArray(value)) {
    return value.map((element, i) => checkedJson(element, `${what}[${i}]`, at, depth + 1));
  }
  if (isPlainObject(value)) return checkedObject(value, what, at, depth);
  throw new NearfieldError('INVALID_FIELD', `${what} is not a JSON value`, {
    ...at,
    expected: 'null, a boolean, a finite number, a string, an array or a plain object',
    received: describe(value),
    remedy: value instanceof Date ? 'Declare the field as datetime, or store an ISO 8601 string.' : undefined,
  });
}

function checkedObject(value: Record<string, unknown>, what: string, at: ErrorDetails, depth: number): unknown {
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    if (key === '__proto__') {
      throw new NearfieldError('INVALID_FIELD', `${what} has a key __proto__`, { ...at, remedy: 'Use another key.' });
    }
    checkText(key, `A key of ${what}`, at);
    if (member !== undefined) copy[key] = checkedJson(member, `${what}.${key.slice(0, 40)}`, at, depth + 1);
  }
  return copy;
}
