export { FIELD_TYPES, SCALAR_TYPES, type FieldType, type FieldTypes, type GeoPoint } from './field-type.js';
export type {
  CollectionSchema,
  Combination,
  EncodedVector,
  EncodedVectorOptions,
  Field,
  FieldInput,
  FieldOptions,
  GivenVector,
  GivenVectorOptions,
  HnswOptions,
  NamedEncoder,
  Quantization,
  SchemaInput,
  VectorInput,
  VectorSpace,
} from './schema.js';
export { QUANTIZATIONS } from './schema.js';
export { deepFreeze } from './deep-freeze.js';
export { parseSchema } from './parse-schema.js';
export { isPlainObject } from './plain-object.js';
export { compareSchemas } from './compare-schemas.js';
export { checkName } from './name.js';
export type {
  AnyRecord,
  AnyRecordInput,
  FacetValue,
  FieldName,
  FieldTypesOf,
  Json,
  RecordId,
  RecordInput,
  RecordVectors,
  RecordVectorsInput,
  StoredRecord,
  VectorName,
} from './record.js';
export type { MediaSource } from './media-source.js';
