import { NearfieldError, describe, refuseUnknownKeys, suggestion } from '../errors/index.js';
import { parseFilter, type Filter, type FilterInput } from '../filter/index.js';
import { checkId } from '../ingest/index.js';
import { checkBoolean, checkInteger, invalidOption, parseSelect } from '../query/index.js';
import {
  isPlainObject,
  type CollectionSchema,
  type FieldType,
  type FieldTypes,
  type RecordId,
} from '../schema/index.js';

/** An order of records by a scalar field. Records without the field come last; ties go by id. */
export interface OrderBy<Field extends string = string> {
  readonly field: Field;
  /** Default 'asc'. */
  readonly direction?: 'asc' | 'desc';
}

export interface ScanOptions<Field extends string = string, FilterType = FilterInput> {
  readonly filter?: FilterType;
  /** Default: by id. */
  readonly orderBy?: Field | OrderBy<Field>;
  /** Records to return. Default: all. */
  readonly limit?: number;
  /** Begin behind this record, the last one of the page before. */
  readonly after?: RecordId;
  readonly select?: readonly Field[];
  readonly vectors?: boolean;
  readonly signal?: AbortSignal;
}

export interface ParsedScan {
  readonly filter: Filter;
  readonly order: { readonly field: string; readonly descending: boolean } | undefined;
  readonly limit: number;
  readonly after: RecordId | undefined;
  readonly select: readonly string[] | undefined;
  readonly vectors: boolean;
}

const OPTIONS: readonly (keyof ScanOptions)[] = ['filter', 'orderBy', 'limit', 'after', 'select', 'vectors', 'signal'];
const ORDERED_TYPES: readonly FieldType[] = ['integer', 'float', 'boolean', 'keyword', 'text', 'datetime'];

export function parseScan(options: unknown, schema: CollectionSchema, fieldTypes: FieldTypes): ParsedScan {
  if (!isPlainObject(options)) throw invalidOption('scan', 'an object of options', options);
  refuseUnknownKeys(options, OPTIONS, 'scan');
  const { filter, orderBy, limit, after, select, vectors = false } = options as ScanOptions;
  if (after !== undefined) checkId(after);
  return {
    filter: parseFilter(filter, fieldTypes),
    order: orderBy === undefined ? undefined : parseOrder(orderBy, schema),
    limit: limit === undefined ? Infinity : checkInteger('limit', limit, 0, Number.MAX_SAFE_INTEGER),
    after,
    select: parseSelect(select, schema),
    vectors: checkBoolean('vectors', vectors),
  };
}

function parseOrder(input: unknown, schema: CollectionSchema): { field: string; descending: boolean } {
  const order = typeof input === 'string' ? { field: input } : input;
  if (!isPlainObject(order)) throw invalidOption('orderBy', 'a field or { field, direction }', input);
  refuseUnknownKeys(order, ['field', 'direction'], 'orderBy');
  const { field, direction = 'asc' } = order;
  const sortable = Object.keys(schema.fields).filter((name) => ORDERED_TYPES.includes(schema.fields[name].type));
  if (typeof field !== 'string' || !sortable.includes(field)) {
    throw new NearfieldError('INVALID_ARGUMENT', 'Records cannot be ordered by that field', {
      field: 'orderBy',
      received: describe(field),
      remedy: suggestion(String(field), sortable),
    });
  }
  if (direction !== 'asc' && direction !== 'desc')
    throw invalidOption('orderBy.direction', "'asc' or 'desc'", direction);
  return { field, descending: direction === 'desc' };
}
