import { NearfieldError, describe, type ErrorDetails } from '../errors/index.js';
import { MAX_TEXT_LENGTH } from './limits.js';

/** Throws INVALID_FIELD, TEXT_TOO_LONG or INVALID_TEXT unless `value` is a text that survives being stored as UTF-8. */
export function checkText(value: unknown, what: string, at: ErrorDetails): asserts value is string {
  if (typeof value !== 'string') {
    throw new NearfieldError('INVALID_FIELD', `${what} is not a string`, { ...at, received: describe(value) });
  }
  if (value.length > MAX_TEXT_LENGTH) {
    throw new NearfieldError('TEXT_TOO_LONG', `${what} is too long`, {
      ...at,
      expected: `at most ${MAX_TEXT_LENGTH} characters`,
      received: String(value.length),
    });
  }
  if (!value.isWellFormed()) {
    throw new NearfieldError('INVALID_TEXT', `${what} has a lone surrogate, which is not text`, {
      ...at,
      received: describe(value.toWellFormed()),
    });
  }
}
