import type { Metric } from '../distance/metric.js';
import type { NearfieldError } from '../errors/index.js';
import type { MediaSource } from '../schema/media-source.js';

/** The kinds of input that an encoder may take. */
export type Modality = 'text' | 'image' | 'audio';

/** One thing to encode. `kind` names the modality, and the member of the same name holds the value. */
export type EncoderInput =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'image'; readonly image: MediaSource }
  | { readonly kind: 'audio'; readonly audio: MediaSource };

/** Whether an input is stored (a document) or asked for (a query); some models encode the two differently. */
export type EncoderRole = 'document' | 'query';

/**
 * A sparse vector: the weight of each term that occurs, for example the number of times it does. Terms are unique and
 * non-empty, weights positive and finite; both have the same length. An empty vector is allowed (a text without terms).
 */
export interface SparseVector {
  readonly terms: readonly string[];
  readonly weights: Float32Array;
}

/** A dense vector has exactly `output.dimensions` finite numbers. */
export type Encoded = Float32Array | SparseVector;

/** What makes two encoders interchangeable: vectors of different identities must never be mixed in one space. */
export interface EncoderIdentity {
  /** Registered name, `modality:model`. */
  readonly name: string;
  /** Version of the model and of its preprocessing; changes whenever the output does. */
  readonly version: string;
  /** SHA-256 (hex) of the weights and vocabulary, or of the rules for an encoder without a model. */
  readonly checksum: string;
  /** Options that change the output, as plain JSON. */
  readonly options: object;
}

export type EncoderOutput =
  | { readonly kind: 'dense'; readonly dimensions: number; readonly metric: Metric }
  | { readonly kind: 'sparse' };

/** A part of a text, in UTF-16 code units: from `start` up to, not including, `end`. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

export interface EncodeOptions {
  /** Default: 'document'. */
  readonly role?: EncoderRole;
  readonly signal?: AbortSignal;
  /**
   * When given, an input that cannot be read (a broken image, a missing file) does not fail the call: it is reported
   * here by its position, and its place in the result holds a vector of zeros or without terms.
   */
  readonly onUnreadable?: (input: number, error: NearfieldError) => void;
}

/** Turns inputs into embeddings. `identity`, `accepts` and `output` are known without loading the model. */
export interface Encoder {
  readonly identity: EncoderIdentity;
  readonly accepts: readonly Modality[];
  readonly output: EncoderOutput;
  /**
   * How far to trust this encoder's ranking when it is fused with others, as measured on retrieval collections:
   * a positive number, default 1. Only ratios matter.
   */
  readonly strength?: number;
  /**
   * One embedding an input, in order. Must not block the event loop for long. Throws UNREADABLE_MEDIA, whose
   * `details.record` is the position of the input, unless `onUnreadable` takes it.
   */
  encode(inputs: readonly EncoderInput[], options?: EncodeOptions): Promise<Encoded[]>;
  /**
   * Cuts each text that is longer than what the model reads into overlapping passages, at the ends of sentences where
   * it can; each passage fits the model. A text that fits is one passage. Only of encoders whose model has such a window.
   */
  passages?(texts: readonly string[], options?: { signal?: AbortSignal }): Promise<TextSpan[][]>;
  /** Frees the model and its threads. A closed encoder may be used again: it loads anew. */
  close(): Promise<void>;
}

/** Finds encoders by name, for schemas that name one by string. */
export interface EncoderRegistry {
  /** Names that `resolve` knows, for messages. */
  names(): readonly string[];
  /** The encoder of that name, always the same instance. Throws UNKNOWN_ENCODER. Loads no model. */
  resolve(name: string): Promise<Encoder>;
  /** Closes every encoder that was resolved. */
  close(): Promise<void>;
}
