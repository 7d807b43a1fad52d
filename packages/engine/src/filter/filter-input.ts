import type { FieldType, FieldTypes, GeoPoint } from '../schema/field-type.js';
import type { FieldTypesOf } from '../schema/record.js';
import type { SchemaInput } from '../schema/schema.js';

/** A place to search in. Coordinates in degrees, longitude first; the boundary belongs to the region. */
export type RegionInput =
  /** Within `radius` metres of `center` along the great circle. */
  | { center: GeoPoint; radius: number }
  /** [west, south, east, north]; west > east crosses the antimeridian. */
  | { box: readonly [west: number, south: number, east: number, north: number] }
  /** At least 3 vertices, closed or not; an edge takes the shorter way round and so may cross the antimeridian. */
  | { polygon: readonly GeoPoint[] };

export interface EqualityOperators<Value> {
  /** Equal; with an array value, an element is equal. */
  $eq?: Value;
  /** Not `$eq`; holds for a missing value. */
  $ne?: Value;
  /** One of these; nothing is in an empty list. At most 65 536. */
  $in?: readonly Value[];
  /** Not `$in`; holds for a missing value. */
  $nin?: readonly Value[];
}

export interface OrderOperators<Value> {
  $gt?: Value;
  $gte?: Value;
  $lt?: Value;
  $lte?: Value;
}

export interface ElementOperators<Value> {
  /** An element is one of these; a value that is not an array counts as an array of one. */
  $any?: readonly Value[];
  /** Each of these is an element; an empty list holds wherever there is a value. */
  $all?: readonly Value[];
  /** Not `$any`; holds for a missing value. */
  $none?: readonly Value[];
}

export interface ContainsOperator<Value> {
  /** A substring of a string, case-sensitive, or an element of an array. */
  $contains?: Value;
}

export interface WithinOperator {
  $within?: RegionInput;
}

export interface ExistsOperator {
  /** Whether there is a value: neither absent nor null. */
  $exists?: boolean;
}

/** What the operators on one field share: `$exists`, and `$not` for the complement of their conjunction. */
export type Operators<Specific> = Specific & ExistsOperator & { $not?: Operators<Specific> };

type OrderedOperators<Value> = EqualityOperators<Value> & OrderOperators<Value> & ElementOperators<Value>;
type StringOperators = Operators<OrderedOperators<string> & ContainsOperator<string>>;
type KeywordsOperators = Operators<
  Omit<StringOperators, '$eq' | '$ne' | '$not'> & { $eq?: string | readonly string[]; $ne?: string | readonly string[] }
>;
type PointOperators = Operators<{ $eq?: GeoPoint; $ne?: GeoPoint } & WithinOperator>;
type JsonOperators = Operators<OrderedOperators<unknown> & ContainsOperator<unknown> & WithinOperator>;

/** What may be said of a field of each type: a plain value means equality, operators on one field are a conjunction. */
export interface ConditionInputs {
  text: string | StringOperators;
  keyword: string | StringOperators;
  'keyword[]': string | readonly string[] | KeywordsOperators;
  integer: number | Operators<OrderedOperators<number>>;
  float: number | Operators<OrderedOperators<number>>;
  boolean: boolean | Operators<EqualityOperators<boolean>>;
  datetime: Date | string | Operators<OrderedOperators<Date | string>>;
  geo: GeoPoint | PointOperators;
  json: string | number | boolean | readonly unknown[] | JsonOperators;
  image: Operators<object>;
  audio: Operators<object>;
}

export type ConditionInput<Type extends FieldType = FieldType> = ConditionInputs[Type];

interface LogicalOperators<Input> {
  /** All of these; at least one. */
  $and?: readonly Input[];
  /** At least one of these; at least one. */
  $or?: readonly Input[];
  /** The complement. */
  $not?: Input;
}

/**
 * A filter as callers write it: fields (or dotted paths into json fields and undeclared keys) with their conditions,
 * and `$and`, `$or`, `$not`; all keys together are a conjunction. `{}` is every record.
 *
 * With the schema's field types as parameter, the conditions of declared fields are checked by the compiler; paths and
 * undeclared names are free.
 */
export type FilterInput<Fields extends FieldTypes = FieldTypes> = string extends keyof Fields
  ? OpenFilterInput
  : LogicalOperators<FilterInput<Fields>> & { [Name in keyof Fields]?: ConditionInput<Fields[Name]> } & {
      [path: string]: unknown;
    };

export interface OpenFilterInput extends LogicalOperators<OpenFilterInput> {
  [path: string]: unknown;
}

/** A filter over the records of a collection of schema `S`. */
export type FilterOf<S extends SchemaInput> =
  FieldTypesOf<S> extends infer F extends FieldTypes ? FilterInput<F> : never;
