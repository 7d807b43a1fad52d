import { NearfieldError, describe, refuseUnknownKeys, suggestion } from '../errors/index.js';
import { countValues } from '../execute/index.js';
import { parseFilter, type Filter, type FilterInput } from '../filter/index.js';
import { firstOf, type ValueCounts } from '../indexes/index.js';
import { checkInteger, invalidOption } from '../query/index.js';
import { isPlainObject, type CollectionSchema, type FieldType, type FieldTypes } from '../schema/index.js';
import type { LiveRecords } from '../segment/index.js';

/** A value of a field, and in how many records it occurs. */
export interface Facet<Value = string | number | boolean | Date> {
  readonly value: Value;
  readonly count: number;
}

export interface FacetOptions<FilterType = FilterInput> {
  /** The records to count in. Default: all. */
  readonly filter?: FilterType;
  /** How many values to return, the most frequent ones. Default 100. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

export interface ParsedFacets {
  readonly field: string;
  readonly type: FieldType;
  readonly filter: Filter;
  readonly limit: number;
}

const OPTIONS: readonly (keyof FacetOptions)[] = ['filter', 'limit', 'signal'];
const COUNTED_TYPES: readonly FieldType[] = ['keyword', 'keyword[]', 'boolean', 'integer', 'datetime'];
const DEFAULT_LIMIT = 100;

export function parseFacets(
  field: unknown,
  options: unknown,
  schema: CollectionSchema,
  fieldTypes: FieldTypes,
): ParsedFacets {
  if (!isPlainObject(options)) throw invalidOption('facets', 'an object of options', options);
  refuseUnknownKeys(options, OPTIONS, 'facets');
  const { filter, limit = DEFAULT_LIMIT } = options as FacetOptions;
  const countable = Object.keys(schema.fields).filter((name) => COUNTED_TYPES.includes(schema.fields[name].type));
  if (typeof field !== 'string' || !countable.includes(field)) {
    throw new NearfieldError('INVALID_ARGUMENT', 'Values of that field cannot be counted', {
      field: 'field',
      expected: `a field of type ${COUNTED_TYPES.join(', ')}`,
      received: describe(field),
      remedy: suggestion(String(field), countable),
    });
  }
  return {
    field,
    type: schema.fields[field].type,
    filter: parseFilter(filter, fieldTypes),
    limit: checkInteger('limit', limit, 0, Number.MAX_SAFE_INTEGER),
  };
}

/** The most frequent values, ties in ascending order of the values. */
export async function findFacets(facets: ParsedFacets, live: LiveRecords, signal?: AbortSignal): Promise<Facet[]> {
  return mostFrequent(await countValues(facets.field, facets.filter, live, signal), facets);
}

function mostFrequent({ values, counts }: ValueCounts, { type, limit }: ParsedFacets): Facet[] {
  const found = new Uint32Array(counts.length);
  let length = 0;
  for (let i = 0; i < counts.length; i++) if (counts[i] > 0) found[length++] = i;
  const compare = (a: number, b: number) => counts[b] - counts[a] || (values[a] < values[b] ? -1 : 1);
  return Array.from(firstOf(found.subarray(0, length), limit, compare), (i) => {
    const value = values[i];
    return { value: type === 'datetime' ? new Date(value as number) : value, count: counts[i] };
  });
}
