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

/**
 * How a vector comes from several fields: `join` takes their texts as one, joined by a line break; the others embed each
 * field that has a value by itself, at length 1 under cosine, and take the weighted mean, the product of each component,
 * or one embedding behind the other (each times its weight, zeros where a field has none).
 */
export type Combination = 'join' | 'mean' | 'product' | 'concat';

export const COMBINATIONS: readonly Combination[] = ['join', 'mean', 'product', 'concat'];

/** The types of fields that are text to an encoder. */
export const TEXT_TYPES: readonly FieldType[] = ['text', 'keyword', 'keyword[]'];

/** A vector that an encoder makes from one or more fields. */
export interface EncodedVectorOptions {
  /** Names of fields of a kind that the encoder accepts. */
  readonly from: readonly string[];
  /** A registered name such as 'text:use-lite', or an encoder of your own; or, by field, one for each. */
  readonly encoder: string | NamedEncoder | Readonly<Record<string, string | NamedEncoder>>;
  /** Default: 'join' for one field, and for texts of one encoder without `weights`; else 'mean'. */
  readonly combine?: Combination;
  /** How much each field counts in a mean or a concatenation, by name: above 0, default 1. */
  readonly weights?: Readonly<Record<string, number>>;
  /**
   * Whether a text that is longer than the encoder's window becomes several vectors, one for each of its passages. Default
   * true, for encoders that can tell; false reads the beginning of the text.
   */
  readonly passages?: boolean;
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
  /** The encoder's registered name, or that of each field's. */
  readonly encoder: string | Readonly<Record<string, string>>;
  readonly combine: Combination;
  /** The weight of each field in a mean or a concatenation; empty for others. */
  readonly weights: Readonly<Record<string, number>>;
  readonly passages: boolean;
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
