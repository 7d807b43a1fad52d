import { NearfieldError, describe, refuseUnknownKeys } from '../errors/index.js';
import { parseFilter } from '../filter/index.js';
import { isPlainObject, type CollectionSchema, type FieldTypes } from '../schema/index.js';
import type { StoredSpace } from '../store/index.js';
import { checkBoolean, checkChoice, checkInteger, checkNumber } from './check-option.js';
import { MAX_LIMIT, parseFusion } from './parse-fusion.js';
import { checkQueryText, parseLegs } from './parse-legs.js';
import { checkDepth, checkWindow, type ResolvedLimits } from './query-limits.js';
import { parseSelect } from './parse-select.js';
import { QUERY_STRATEGIES, type Leg, type ParsedQuery, type Query } from './query.js';

const OPTIONS: readonly (keyof Query)[] = [
  'text',
  'near',
  'fuse',
  'filter',
  'limit',
  'offset',
  'minScore',
  'exact',
  'minRecall',
  'effort',
  'strategy',
  'timeoutMs',
  'partial',
  'select',
  'vectors',
  'signal',
];

/** What a query is parsed against. `textVectors` are the vectors whose encoders take text, for the `text` shorthand. */
export interface QueryContext {
  readonly schema: CollectionSchema;
  readonly fieldTypes: FieldTypes;
  readonly spaces: readonly StoredSpace[];
  readonly limits: ResolvedLimits;
  readonly textVectors: () => Promise<readonly string[]>;
}

/** Checks a query and spells out its defaults. Throws before anything is encoded or read. */
export async function parseQuery(input: unknown, context: QueryContext): Promise<ParsedQuery> {
  if (!isPlainObject(input)) {
    throw new NearfieldError('INVALID_QUERY', 'A query is an object', { received: describe(input) });
  }
  refuseUnknownKeys(input, OPTIONS, 'the query');
  const query = input as Query;
  const { limit = 10, offset = 0, exact = false, vectors = false, partial = false } = query;
  const { minScore, minRecall, effort, strategy, timeoutMs } = query;
  const parsed = {
    fusion: parseFusion(query.fuse),
    filter: parseFilter(query.filter, context.fieldTypes),
    limit: checkInteger('limit', limit, 1, context.limits.limit),
    offset: checkInteger('offset', offset, 0, Number.MAX_SAFE_INTEGER),
    minScore: minScore === undefined ? undefined : checkNumber('minScore', minScore, -Infinity, Infinity),
    exact: checkBoolean('exact', exact),
    minRecall: minRecall === undefined ? undefined : checkNumber('minRecall', minRecall, 0, 1),
    effort: effort === undefined ? undefined : checkInteger('effort', effort, 1, MAX_LIMIT),
    strategy: strategy === undefined ? undefined : checkChoice('strategy', strategy, QUERY_STRATEGIES),
    timeoutMs: timeoutMs === undefined ? undefined : checkInteger('timeoutMs', timeoutMs, 1, Number.MAX_SAFE_INTEGER),
    partial: checkBoolean('partial', partial),
    select: parseSelect(query.select, context.schema),
    vectors: checkBoolean('vectors', vectors),
  };
  checkDepth(parsed.filter, context.limits);
  checkWindow(parsed.offset, parsed.limit, context.limits);
  return { ...parsed, legs: await parseAllLegs(query, context) };
}

async function parseAllLegs(query: Query, context: QueryContext): Promise<Leg[]> {
  const legs: Leg[] = [];
  if (query.text !== undefined) {
    const text = checkQueryText(query.text);
    const vectors = await context.textVectors();
    if (vectors.length === 0) {
      throw new NearfieldError('INVALID_QUERY', 'The collection has no vector whose encoder takes text', {
        field: 'text',
        remedy: 'Search with `near` and a `value`, or add a text vector to the schema.',
      });
    }
    const target = { kind: 'inputs', inputs: [{ kind: 'text', text }] } as const;
    for (const vector of vectors) legs.push({ vector, target, weight: undefined });
  }
  if (query.near !== undefined) legs.push(...parseLegs(query.near, context.schema, context.spaces));
  if (legs.length === 0) {
    throw new NearfieldError('INVALID_QUERY', 'The query has nothing to be near to', {
      remedy: 'Give `text` or at least one leg in `near`; `scan` lists records by filter alone.',
    });
  }
  return legs;
}
