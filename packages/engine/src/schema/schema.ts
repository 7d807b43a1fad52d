import type { Metric } from '../distance/metric.js';
import type { FieldType } from './field-type.js';

/** A field, long form. */
export interface FieldOptions {
  readonly type: FieldType;
  /** Refuse records without it (MISSING_FIELD). Default false. */
  readonly required?: boolean;
  /** Keep the values in memory for filtering and ordering. Default true for the scalar types; `false` reads the stored payload. */
  readonly index?: boolean;
}

/** The part of an Encoder (see the encoder contract) that a schema reads. */
export interface NamedEncoder {
  readonly identity: { readonly name: string };
}

/** A vector that an encoder makes from one or more fields. */
export interface EncodedVectorOptions {
  /** Names of fields of a kind that the encoder accepts; texts of several are joined by a line break, in this order. */
  readonly from: readonly string[];
  /** A registered name such as 'text:use-lite', or an encoder of your own. */
  readonly encoder: string | NamedEncoder;
  readonly quantization?: Quantization;
  readonly hnsw?: HnswOptions;
  /** For a sparse encoder. */
  readonly bm25?: { readonly k1?: number; readonly b?: number };
}

/** A vector that the caller brings with each record, under `vectors`. */
export interface GivenVectorOptions {
  /** 1 to 65 536. */
  readonly dimensions: number;
  /** Default 'cosine'. */
  readonly metric?: Metric;
  readonly quantization?: Quantization;
  readonly hnsw?: HnswOptions;
}

/** How vectors are compressed for the walk; scores are always recomputed at full precision. */
export type Quantization = 'none' | 'int8' | 'binary';

export const QUANTIZATIONS: readonly Quantization[] = ['none', 'int8', 'binary'];

/** Graph parameters (Malkov and Yashunin, Efficient and robust ANN search using HNSW graphs, 2016). */
export interface HnswOptions {
  /** Links of a node, 2 to 128. Default 16. */
  readonly m?: number;
  /** Candidates while inserting, at least m. Default 200. */
  readonly efConstruction?: number;
}

export type FieldInput = FieldType | FieldOptions;
export type VectorInput = EncodedVectorOptions | GivenVectorOptions;

/** What the caller writes to describe a collection. */
export interface SchemaInput {
  readonly fields?: Readonly<Record<string, FieldInput>>;
  readonly vectors?: Readonly<Record<string, VectorInput>>;
  /** Refuse keys that `fields` does not name (UNKNOWN_FIELD). Default false: they are kept, and filterable without an index. */
  readonly strict?: boolean;
}

/** A field as resolved from its short or long form. */
export interface Field {
  readonly type: FieldType;
  readonly required: boolean;
  readonly index: boolean;
}

export interface EncodedVector {
  readonly kind: 'encoded';
  readonly from: readonly string[];
  /** The encoder's registered name. */
  readonly encoder: string;
  readonly quantization: Quantization;
  readonly hnsw: Required<HnswOptions>;
  readonly bm25: { readonly k1: number; readonly b: number };
}

export interface GivenVector {
  readonly kind: 'given';
  readonly dimensions: number;
  readonly metric: Metric;
  readonly quantization: Quantization;
  readonly hnsw: Required<HnswOptions>;
}

export type VectorSpace = EncodedVector | GivenVector;

/** A schema in full, as stored: frozen plain data in which every default is spelled out. */
export interface CollectionSchema {
  readonly fields: Readonly<Record<string, Field>>;
  readonly vectors: Readonly<Record<string, VectorSpace>>;
  readonly strict: boolean;
}
