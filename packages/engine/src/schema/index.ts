export { FIELD_TYPES, type FieldType, type FieldTypes, type GeoPoint } from './field-type.js';
