import { describe, refuseUnknownKeys, isPlainObject } from '@nearfield/engine/encoder';
import { ServerError } from '../errors/server-error.js';

/**
 * The body as an object whose keys are all known; what they hold is checked by whoever reads them. Throws
 * INVALID_REQUEST, UNKNOWN_OPTION.
 */
export function objectBody(body: unknown, keys: readonly string[], where: string): Record<string, unknown> {
  if (!isPlainObject(body)) throw wrongBody(`an object of ${keys.join(', ')}`, body);
  refuseUnknownKeys(body, keys, where);
  return body;
}

/** The list that a body is, or has under its one key. Throws INVALID_REQUEST, UNKNOWN_OPTION. */
export function listBody(body: unknown, key: string, where: string): readonly unknown[] {
  const list = Array.isArray(body) ? (body as unknown[]) : objectBody(body, [key], where)[key];
  if (!Array.isArray(list)) throw wrongBody(`an array, or { ${key}: [ … ] }`, list);
  return list;
}

export function wrongBody(expected: string, received: unknown): ServerError {
  return new ServerError(
    'INVALID_REQUEST',
    `The body is wrong; expected ${expected}; received ${describe(received)}.`,
    {
      expected,
      received: describe(received),
    },
  );
}
