import type { FieldType } from '../schema/field-type.js';

/** The operators that stand in the place of a field name and take filters. */
export const LOGICAL_OPERATORS = ['$and', '$or', '$not'] as const;

const EQUALITY = ['$eq', '$ne', '$in', '$nin'] as const;
const ORDER = ['$gt', '$gte', '$lt', '$lte'] as const;
const ELEMENTS = ['$any', '$all', '$none'] as const;

/** The operators that say something of one field. `$not` is both: here it takes operators. */
export const FIELD_OPERATORS = [...EQUALITY, ...ORDER, ...ELEMENTS, '$exists', '$contains', '$within', '$not'] as const;

export type LogicalOperator = (typeof LOGICAL_OPERATORS)[number];
export type FieldOperator = (typeof FIELD_OPERATORS)[number];

export function isLogicalOperator(key: string): key is LogicalOperator {
  return (LOGICAL_OPERATORS as readonly string[]).includes(key);
}

export function isFieldOperator(key: string): key is FieldOperator {
  return (FIELD_OPERATORS as readonly string[]).includes(key);
}

const STRINGS = [...EQUALITY, ...ORDER, ...ELEMENTS, '$exists', '$contains', '$not'] as const;
const NUMBERS = [...EQUALITY, ...ORDER, ...ELEMENTS, '$exists', '$not'] as const;

/** The operators that make sense for each type of field. */
export const OPERATORS_BY_TYPE: Readonly<Record<FieldType, readonly FieldOperator[]>> = {
  text: STRINGS,
  keyword: STRINGS,
  'keyword[]': STRINGS,
  integer: NUMBERS,
  float: NUMBERS,
  datetime: NUMBERS,
  boolean: [...EQUALITY, '$exists', '$not'],
  geo: ['$eq', '$ne', '$within', '$exists', '$not'],
  image: ['$exists', '$not'],
  audio: ['$exists', '$not'],
  json: FIELD_OPERATORS,
};
