import { refuseUnknownKeys } from '../errors/index.js';
import { isPlainObject } from '../schema/index.js';
import { checkInteger, checkNumber, invalidOption } from './check-option.js';
import type { Fusion } from './query.js';

/** The rank constant of Cormack, Clarke and Buettcher, Reciprocal Rank Fusion outperforms Condorcet (2009). */
const RRF_K = 60;

export const MAX_LIMIT = 100_000;

const BY_DEFAULT: Fusion = Object.freeze({ kind: 'relative', depth: undefined });

export function parseFusion(input: unknown): Fusion {
  if (input === undefined) return BY_DEFAULT;
  const options = typeof input === 'string' ? { [input]: {} } : input;
  if (!isPlainObject(options) || Object.keys(options).length !== 1) {
    throw invalidOption('fuse', "'relative', 'rrf', { relative: {…} } or { rrf: {…} }", input);
  }
  refuseUnknownKeys(options, ['relative', 'rrf'], 'fuse');
  const [[kind, settings]] = Object.entries(options);
  if (!isPlainObject(settings)) throw invalidOption(`fuse.${kind}`, 'an object', settings);
  refuseUnknownKeys(settings, kind === 'rrf' ? ['k', 'depth'] : ['depth'], `fuse.${kind}`);
  const depth = settings.depth === undefined ? undefined : checkInteger('fuse.depth', settings.depth, 1, MAX_LIMIT);
  if (kind === 'relative') return { kind, depth };
  return { kind: 'rrf', k: checkNumber('fuse.rrf.k', settings.k ?? RRF_K, Number.MIN_VALUE, 1e9), depth };
}
