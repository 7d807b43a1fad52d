// Opening
export { open, Database, type OpenOptions } from './database.js';
export type { Durability } from './store/index.js';

// Collections
export { Collection } from './collection.js';
export type {
  CallOptions,
  IngestOptions,
  Progress,
  SkippedRecord,
  SkippingResult,
  WriteOptions,
  WriteResult,
} from './call-options.js';
export type { CollectionStats, SegmentStats, VectorStats } from './stats.js';
export type {
  AnyRecord,
  AnyRecordInput,
  CollectionSchema,
  Combination,
  EncodedVectorOptions,
  FieldInput,
  FieldOptions,
  FieldType,
  GeoPoint,
  GivenVectorOptions,
  HnswOptions,
  Json,
  MediaSource,
  Quantization,
  RecordId,
  RecordInput,
  RecordVectors,
  RecordVectorsInput,
  SchemaInput,
  StoredRecord,
  VectorInput,
} from './schema/index.js';
export type { Metric } from './distance/index.js';

// Searching
export type {
  FuseInput,
  NearInput,
  Query,
  QueryLimits,
  QueryStrategy,
  RelativeOptions,
  RrfOptions,
} from './query/index.js';
export type { FilterInput } from './filter/index.js';
export type {
  Facet,
  FacetOptions,
  Hit,
  HitScore,
  OrderBy,
  PassagePart,
  ScanOptions,
  SearchInfo,
  SearchResult,
} from './hydrate/index.js';
export type {
  DenseNode,
  FilterNode,
  LegNode,
  PostingsScanNode,
  QueryPlan,
  SearchAnalysis,
  SearchStage,
  SegmentNode,
  StepChoice,
  Strategy,
} from './plan/index.js';
export type { SegmentStep, StepActual, StepKind } from './segment/index.js';

// Encoders
export type {
  EncodeOptions,
  Encoded,
  Encoder,
  EncoderIdentity,
  EncoderInput,
  EncoderOutput,
  EncoderRegistry,
  EncoderRole,
  Modality,
  SparseVector,
  TextSpan,
} from './encoder/encoder.js';

// Errors
export { ERROR_CODES, NearfieldError, type ErrorCode, type ErrorDetails, type ErrorKind } from './errors/index.js';
