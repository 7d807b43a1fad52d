/** The types that a field of a record may have. */
export const FIELD_TYPES = [
  'text',
  'image',
  'audio',
  'integer',
  'float',
  'boolean',
  'keyword',
  'keyword[]',
  'datetime',
  'geo',
  'json',
] as const;

export type FieldType = (typeof FIELD_TYPES)[number];

/** Field types by name: what a filter needs to know of a schema. */
export type FieldTypes = Readonly<Record<string, FieldType>>;

/** A place on Earth as [longitude, latitude] in degrees (WGS 84): longitude in [-180, 180], latitude in [-90, 90]. */
export type GeoPoint = readonly [longitude: number, latitude: number];

/** The types whose values are small and comparable: they have column indexes by default. */
export const SCALAR_TYPES: readonly FieldType[] = [
  'integer',
  'float',
  'boolean',
  'keyword',
  'keyword[]',
  'datetime',
  'geo',
];
