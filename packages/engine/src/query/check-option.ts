import { NearfieldError, describe } from '../errors/index.js';

/** A number option within bounds, or INVALID_QUERY naming it. */
export function checkNumber(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw invalidOption(name, `a number from ${least} to ${most}`, value);
}

export function checkInteger(name: string, value: unknown, least: number, most: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  throw invalidOption(name, `an integer from ${least} to ${most}`, value);
}

export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw invalidOption(name, 'true or false', value);
}

/** One of some words. */
export function checkChoice<const Choice extends string>(
  name: string,
  value: unknown,
  known: readonly Choice[],
): Choice {
  const found = known.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw invalidOption(name, `one of ${known.join(', ')}`, value);
}

export function invalidOption(name: string, expected: string, received: unknown): NearfieldError {
  return new NearfieldError('INVALID_QUERY', `\`${name}\` is wrong`, {
    field: name,
    expected,
    received: describe(received),
    remedy: 'Correct the option.',
  });
}
