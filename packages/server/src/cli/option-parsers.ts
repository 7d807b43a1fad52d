import { isPlainObject } from '@nearfield/engine/encoder';
import { InvalidArgumentError } from 'commander';

/** A parser of an integer option within bounds. */
export function integerOption(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected an integer from ${least} to ${most}.`);
  };
}

/** Parses an option that is a JSON object, such as a filter. */
export function jsonObjectOption(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`Expected JSON: ${(error as Error).message}.`);
  }
  if (!isPlainObject(value)) throw new InvalidArgumentError('Expected a JSON object.');
  return value;
}
