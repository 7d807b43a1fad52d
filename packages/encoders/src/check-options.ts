import { NearfieldError, describe, suggestion } from '@nearfield/engine/encoder';

/** Throws INVALID_ARGUMENT unless the option is left out or a positive integer, at most `most`. */
export function checkPositiveInteger(
  value: unknown,
  field: string,
  encoder: string,
  most = Number.MAX_SAFE_INTEGER,
): void {
  if (value === undefined || (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most)) return;
  throw invalidOption(
    field,
    encoder,
    most === Number.MAX_SAFE_INTEGER ? 'a positive integer' : `an integer from 1 to ${most}`,
    value,
  );
}

/** Throws INVALID_ARGUMENT unless the option is left out or of that type. */
export function checkType(
  value: unknown,
  type: 'string' | 'boolean' | 'function',
  field: string,
  encoder: string,
): void {
  if (value !== undefined && typeof value !== type) throw invalidOption(field, encoder, `a ${type}`, value);
}

/** Throws INVALID_ARGUMENT, with the nearest right value, unless the option is left out or one of those. */
export function checkOneOf(value: unknown, allowed: readonly string[], field: string, encoder: string): void {
  if (value === undefined || (typeof value === 'string' && allowed.includes(value))) return;
  throw invalidOption(field, encoder, allowed.join(' or '), value, suggestion(String(value), allowed));
}

export function invalidOption(
  field: string,
  encoder: string,
  expected: string,
  value: unknown,
  remedy?: string,
): NearfieldError {
  return new NearfieldError('INVALID_ARGUMENT', `Invalid \`${field}\` of ${encoder}`, {
    expected,
    received: describe(value),
    field,
    ...(remedy === undefined ? {} : { remedy }),
  });
}
