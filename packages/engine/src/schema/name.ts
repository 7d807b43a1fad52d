import { NearfieldError, describe } from '../errors/index.js';

const NAME = /^[\p{L}_][\p{L}\p{N}_-]{0,127}$/u;

/** Throws unless `name` can name a collection, a field or a vector: a letter or _, then letters, digits, _ and -, 128 at most. */
export function checkName(name: unknown, what: 'collection' | 'field' | 'vector'): asserts name is string {
  if (typeof name === 'string' && NAME.test(name) && !FORBIDDEN.includes(name)) return;
  throw new NearfieldError('INVALID_SCHEMA', `Not a name for a ${what}`, {
    expected: 'a letter or _, then letters, digits, _ and -, at most 128',
    received: describe(name),
  });
}

/** Names that are special on every JavaScript object. */
const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];
