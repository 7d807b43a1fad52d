import type { FieldType, GeoPoint } from '../schema/field-type.js';

/** What a comparison compares with: a datetime is its epoch milliseconds. */
export type Scalar = string | number | boolean;

export type JsonValue = Scalar | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Where a condition reads: a field of the record, and the keys to descend from there (only for type 'json'). */
export interface Target {
  readonly field: string;
  readonly keys: readonly string[];
  /** The declared type; 'json' for what lies inside a json field and for names that the schema does not declare. */
  readonly type: FieldType;
}

/** Every record. */
export interface AllNode {
  readonly kind: 'all';
}

/** No record. */
export interface NoneNode {
  readonly kind: 'none';
}

/** Two or more children, none of them an `and`, in the order of their canonical keys. */
export interface AndNode {
  readonly kind: 'and';
  readonly children: readonly Filter[];
}

/** Two or more children, none of them an `or`, in the order of their canonical keys. */
export interface OrNode {
  readonly kind: 'or';
  readonly children: readonly Filter[];
}

/** The exact complement of the child: a condition, as negations of groups are moved down to what they consist of. */
export interface NotNode {
  readonly kind: 'not';
  readonly child: Filter;
}

/** The value is there: neither absent nor null. An empty array is a value. */
export interface ExistsNode {
  readonly kind: 'exists';
  readonly target: Target;
}

/** The value, or an element of it, is one of `values`: sorted, distinct, at least one. An equality has one value. */
export interface InNode {
  readonly kind: 'in';
  readonly target: Target;
  readonly values: readonly Scalar[];
}

/** Deep equality with an array or object: of the whole value, of an element of it, or of either. */
export interface EqualsNode {
  readonly kind: 'equals';
  readonly target: Target;
  readonly scope: 'whole' | 'element' | 'either';
  readonly value: JsonValue;
}

/** The value, or an element of it, is of the operand's type and in this order to it. */
export interface CompareNode {
  readonly kind: 'compare';
  readonly target: Target;
  readonly operator: 'gt' | 'gte' | 'lt' | 'lte';
  readonly value: Scalar;
}

/** The value, the only one that the field has, is between two of its type. Two comparisons become this. */
export interface RangeNode {
  readonly kind: 'range';
  readonly target: Target;
  readonly lower: Bound;
  readonly upper: Bound;
}

export interface Bound {
  readonly value: Scalar;
  /** Whether the value itself is in the range. */
  readonly inclusive: boolean;
}

/** A string value has the operand as a substring, or an array value has it as an element. */
export interface ContainsNode {
  readonly kind: 'contains';
  readonly target: Target;
  readonly value: JsonValue;
}

/** The value is a point inside the region or on its boundary. */
export interface WithinNode {
  readonly kind: 'within';
  readonly target: Target;
  readonly region: Region;
}

export type Condition = ExistsNode | InNode | EqualsNode | CompareNode | RangeNode | ContainsNode | WithinNode;

/** A validated, normalised, frozen filter: plain data that can cross threads and be compared by deep equality. */
export type Filter = AllNode | NoneNode | AndNode | OrNode | NotNode | Condition;

export interface CircleRegion {
  readonly kind: 'circle';
  readonly center: GeoPoint;
  /** Metres along the great circle. */
  readonly radius: number;
}

/** Degrees; crosses the antimeridian when west > east. */
export interface BoxRegion {
  readonly kind: 'box';
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

export interface PolygonRegion {
  readonly kind: 'polygon';
  /**
   * The vertices without the closing one, in degrees, with longitudes unwrapped: each within 180 of the one before, so
   * that they leave [-180, 180] where the ring crosses the antimeridian.
   */
  readonly ring: readonly GeoPoint[];
}

export type Region = CircleRegion | BoxRegion | PolygonRegion;
