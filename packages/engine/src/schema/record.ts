import type { MediaSource } from './media-source.js';
import type { FieldInput, SchemaInput, VectorInput } from './schema.js';
import type { FieldTypes, GeoPoint } from './field-type.js';

/** A record's id: a non-empty string (512 UTF-16 units at most) or a non-negative safe integer; 1 and '1' are different ids. */
export type RecordId = string | number;

/**
 * The vectors of a record in one space, as the caller gives them: one, or a list of several (the passages of a text, the
 * views of an object), 1 to 4 096 and 16 Mi numbers in all. The place of a vector in the list, from 0, is its part number.
 */
export type RecordVectorsInput = Float32Array | readonly Float32Array[];

/** The vectors of a record in one space, as they come back: a list where the record has several, else the one by itself. */
export type RecordVectors = Float32Array | Float32Array[];

/** Any JSON value, deeply read-only. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

interface ValuesIn {
  text: string;
  image: MediaSource;
  audio: MediaSource;
  integer: number;
  float: number;
  boolean: boolean;
  keyword: string;
  'keyword[]': readonly string[];
  datetime: Date | string;
  geo: GeoPoint;
  json: Json;
}

interface ValuesOut extends Omit<ValuesIn, 'image' | 'audio' | 'keyword[]' | 'datetime' | 'geo'> {
  image: string | Uint8Array;
  audio: string | Uint8Array;
  'keyword[]': string[];
  datetime: Date;
  geo: [longitude: number, latitude: number];
}

type TypeOf<F extends FieldInput> = F extends { readonly type: infer T extends keyof ValuesIn }
  ? T
  : F extends keyof ValuesIn
    ? F
    : never;

type DeclaredType<F> = F extends FieldInput ? TypeOf<F> : never;

type Fields<S extends SchemaInput> = S extends { readonly fields: infer F extends Readonly<Record<string, FieldInput>> }
  ? F
  : object;
type Vectors<S extends SchemaInput> = S extends {
  readonly vectors: infer V extends Readonly<Record<string, VectorInput>>;
}
  ? V
  : object;

type RequiredNames<F> = { [N in keyof F]: F[N] extends { readonly required: true } ? N : never }[keyof F];
type ValueIn<F> = ValuesIn[DeclaredType<F>];
type ValueOut<F> = ValuesOut[DeclaredType<F>];
/** The vectors of which a record has one at most: what else an encoder makes may be one for each passage of a text. */
type SingleNames<V> = {
  [N in keyof V]: V[N] extends { readonly passages: false } | { readonly combine: 'mean' | 'product' | 'concat' }
    ? N
    : never;
}[keyof V];
type GivenNames<V> = { [N in keyof V]: V[N] extends { readonly dimensions: number } ? N : never }[keyof V];

/** Whether a schema's literal type is known, or it is just some schema. */
type IsGeneral<S extends SchemaInput> = SchemaInput extends S ? true : false;

/** A record of any collection, for when the schema's type is not known. */
export interface AnyRecordInput {
  id: RecordId;
  vectors?: Readonly<Record<string, RecordVectorsInput | null>>;
  [field: string]: unknown;
}

export interface AnyRecord {
  id: RecordId;
  vectors?: Record<string, RecordVectors | undefined>;
  [field: string]: unknown;
}

/** What `upsert` takes for a collection of schema `S`: a misspelled field or a value of the wrong type does not compile. */
export type RecordInput<S extends SchemaInput = SchemaInput> =
  IsGeneral<S> extends true
    ? AnyRecordInput
    : { id: RecordId } & {
        -readonly [N in Exclude<keyof Fields<S>, RequiredNames<Fields<S>>>]?: ValueIn<Fields<S>[N]> | null;
      } & { -readonly [N in RequiredNames<Fields<S>>]: ValueIn<Fields<S>[N]> } & {
        vectors?: { -readonly [N in GivenNames<Vectors<S>>]?: RecordVectorsInput | null };
      };

/** What `get` and `search` return. Fields that were not given are absent. */
export type StoredRecord<S extends SchemaInput = SchemaInput> =
  IsGeneral<S> extends true
    ? AnyRecord
    : { id: RecordId } & {
        -readonly [N in Exclude<keyof Fields<S>, RequiredNames<Fields<S>>>]?: ValueOut<Fields<S>[N]>;
      } & { -readonly [N in RequiredNames<Fields<S>>]: ValueOut<Fields<S>[N]> } & {
        vectors?: {
          -readonly [N in keyof Vectors<S>]?: N extends SingleNames<Vectors<S>> ? Float32Array : RecordVectors;
        };
      };

/** The field types of schema `S` by name. */
export type FieldTypesOf<S extends SchemaInput> =
  IsGeneral<S> extends true ? FieldTypes : { readonly [N in keyof Fields<S>]: DeclaredType<Fields<S>[N]> };

/** Names of the vectors of schema `S`. */
export type VectorName<S extends SchemaInput> = IsGeneral<S> extends true ? string : keyof Vectors<S> & string;

/** Names of the fields of schema `S`. */
export type FieldName<S extends SchemaInput> = IsGeneral<S> extends true ? string : keyof Fields<S> & string;

/** What a value of a field of schema `S` is when values are counted: an element of a list. */
export type FacetValue<S extends SchemaInput, Name extends string> =
  IsGeneral<S> extends true
    ? string | number | boolean | Date
    : Name extends keyof FieldTypesOf<S>
      ? FieldTypesOf<S>[Name] extends infer T extends keyof ValuesOut
        ? T extends 'keyword[]'
          ? string
          : ValuesOut[T]
        : never
      : never;
