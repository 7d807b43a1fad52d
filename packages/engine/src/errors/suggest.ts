import { closest, distance } from 'fastest-levenshtein';
import { NearfieldError } from './nearfield-error.js';
import type { ErrorCode } from './codes.js';

/** The nearest of `known` to `name` by edit distance, or undefined when none is near enough to be a slip of the pen. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const wanted = name.slice(0, 100).toLowerCase();
  const best = closest(wanted, [...known]);
  return distance(wanted, best.toLowerCase()) <= Math.max(2, Math.ceil(best.length / 2)) ? best : undefined;
}

/** "Did you mean `x`?", or the list of all that would have been right. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return near === undefined ? `Known: ${known.join(', ') || '(none)'}.` : `Did you mean \`${near}\`?`;
}

/** Throws UNKNOWN_OPTION for the first own key of `options` that has a value and is not in `known`. */
export function refuseUnknownKeys(
  options: object,
  known: readonly string[],
  where: string,
  code: ErrorCode = 'UNKNOWN_OPTION',
): void {
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || known.includes(key)) continue;
    throw new NearfieldError(code, `Unknown option \`${key.slice(0, 100)}\` in ${where}`, {
      field: key,
      remedy: suggestion(key, known),
    });
  }
}
