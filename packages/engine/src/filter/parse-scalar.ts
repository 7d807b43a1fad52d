import type { FieldType } from '../schema/field-type.js';
import { invalidFilter, type Place } from './filter-error.js';
import type { Scalar } from './filter-node.js';
import { parseDatetime } from './parse-datetime.js';

/** A scalar operand for a field of this type, normalised: a datetime to epoch milliseconds, -0 to 0. */
export function parseScalar(operand: unknown, type: FieldType, place: Place): Scalar {
  if (operand === null || operand === undefined) throw refuseMissing(operand, place);
  switch (type) {
    case 'integer':
    case 'float':
      return parseNumber(operand, place);
    case 'boolean':
      if (typeof operand === 'boolean') return operand;
      throw invalidFilter(place, 'wrong operand for a boolean field', 'true or false', operand);
    case 'text':
    case 'keyword':
    case 'keyword[]':
      if (typeof operand === 'string') return operand;
      throw invalidFilter(place, `wrong operand for a ${type} field`, 'a string', operand);
    case 'datetime':
      return parseInstant(operand, place);
    case 'json':
      return parseAnyScalar(operand, place);
    case 'geo':
    case 'image':
    case 'audio':
      throw invalidFilter(place, `a field of type ${type} has no scalar value`, 'another operator', operand);
    default:
      throw unreachable(type);
  }
}

/** An error that tells how to ask for missing values. */
export function refuseMissing(operand: unknown, place: Place) {
  return invalidFilter(
    place,
    'a condition compares with a value, and a missing one is none',
    'a value',
    operand,
    'To find records without the field, use { $exists: false }.',
  );
}

function parseNumber(operand: unknown, place: Place): number {
  // Adding 0 turns -0 into 0.
  if (typeof operand === 'number' && Number.isFinite(operand)) return operand + 0;
  const remedy = typeof operand === 'bigint' ? 'Convert the bigint with Number().' : undefined;
  throw invalidFilter(place, 'wrong operand for a number', 'a finite number', operand, remedy);
}

function parseInstant(operand: unknown, place: Place): number {
  const time =
    typeof operand === 'string' ? parseDatetime(operand) : operand instanceof Date ? operand.getTime() : undefined;
  if (time !== undefined && !Number.isNaN(time)) return time;
  throw invalidFilter(
    place,
    'wrong operand for a datetime field',
    'a valid Date, or ISO 8601 text such as "2024-05-17" or "2024-05-17T09:30:00Z"',
    operand,
    typeof operand === 'number'
      ? 'Wrap epoch milliseconds in new Date().'
      : 'Give the whole date, and with a time also Z or an offset such as +02:00.',
  );
}

function parseAnyScalar(operand: unknown, place: Place): Scalar {
  if (typeof operand === 'string' || typeof operand === 'boolean') return operand;
  if (typeof operand === 'number' || typeof operand === 'bigint') return parseNumber(operand, place);
  const remedy =
    operand instanceof Date
      ? 'Declare the field as datetime to compare it with a Date, or store and compare ISO 8601 text.'
      : undefined;
  throw invalidFilter(place, 'wrong operand', 'a string, a finite number or a boolean', operand, remedy);
}

function unreachable(type: never): Error {
  return new Error(`Unknown field type ${String(type)}`);
}
