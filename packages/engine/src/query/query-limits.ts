import { NearfieldError, describe, refuseUnknownKeys } from '../errors/index.js';
import type { Filter } from '../filter/index.js';
import { isPlainObject } from '../schema/index.js';
import { MAX_LIMIT } from './parse-fusion.js';

/** What queries may ask for, as the opener of a database writes it. */
export interface QueryLimits {
  /** The largest `limit` of a search, up to 100 000, the default. */
  readonly limit?: number;
  /** The largest sum of `offset` and `limit` of a search: all up to there is found and ordered. Default: any number. */
  readonly window?: number;
  /** How deep `$and`, `$or` and `$not` may nest in a filter, up to 64, the default. */
  readonly filterDepth?: number;
  /**
   * Vectors that a search may compare with each query exactly, be it planned or because a walk came up short, and, apart from
   * these, stored records that its filter may read for want of an index. Default: any number.
   */
  readonly scanRows?: number;
  /** Milliseconds that a search may take; a shorter `timeoutMs` of a query stands. Default: any number. */
  readonly timeoutMs?: number;
}

export type ResolvedLimits = Required<QueryLimits>;

const DEPTH = 64;

/** Limits of which each is the default or less. Throws UNKNOWN_OPTION or INVALID_ARGUMENT. */
export function resolveLimits(input: unknown): ResolvedLimits {
  if (input !== undefined && !isPlainObject(input)) {
    throw new NearfieldError('INVALID_ARGUMENT', '`limits` is not an object', { received: describe(input) });
  }
  const given: QueryLimits = input ?? {};
  refuseUnknownKeys(given, ['limit', 'window', 'filterDepth', 'scanRows', 'timeoutMs'], 'limits');
  return {
    limit: whole('limit', given.limit, MAX_LIMIT),
    window: whole('window', given.window, Infinity),
    filterDepth: whole('filterDepth', given.filterDepth, DEPTH),
    scanRows: whole('scanRows', given.scanRows, Infinity),
    timeoutMs: whole('timeoutMs', given.timeoutMs, Infinity),
  };
}

function whole(name: string, value: unknown, most: number): number {
  if (value === undefined) return most;
  if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most) return value as number;
  throw new NearfieldError('INVALID_ARGUMENT', `\`limits.${name}\` is wrong`, {
    field: name,
    expected: most === Infinity ? 'an integer from 1 on' : `an integer from 1 to ${most}`,
    received: describe(value),
  });
}

/** Throws INVALID_QUERY for a page that ends beyond the limit. */
export function checkWindow(offset: number, limit: number, { window }: ResolvedLimits): void {
  if (offset + limit <= window) return;
  throw new NearfieldError('INVALID_QUERY', 'The page ends too far down', {
    field: 'offset',
    expected: `\`offset\` and \`limit\` of ${window} together at most`,
    received: `${offset} and ${limit}`,
    remedy: 'Narrow the filter, or open the database with a higher `limits.window`.',
  });
}

/** Throws FILTER_TOO_DEEP for a filter that nests deeper than the limit. */
export function checkDepth(filter: Filter, { filterDepth }: ResolvedLimits): void {
  const depth = depthOf(filter);
  if (depth <= filterDepth) return;
  throw new NearfieldError('FILTER_TOO_DEEP', 'The filter is nested too deep', {
    expected: `at most ${filterDepth} levels`,
    received: `${depth} levels`,
    remedy: 'Flatten the filter, or open the database with a higher `limits.filterDepth`.',
  });
}

function depthOf(filter: Filter): number {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return 1 + Math.max(...filter.children.map(depthOf));
    case 'not':
      return 1 + depthOf(filter.child);
    default:
      return 1;
  }
}
