import { METRICS } from '../distance/metric.js';
import { MAX_DIMENSIONS } from '../distance/vector.js';
import { NearfieldError, describe, refuseUnknownKeys, suggestion } from '../errors/index.js';
import { FIELD_TYPES, SCALAR_TYPES, type FieldType } from './field-type.js';
import { deepFreeze } from './deep-freeze.js';
import { checkName } from './name.js';
import { parseEncodedVector } from './parse-encoded-vector.js';
import { invalid, oneOf, parseHnsw, parseQuantization } from './parse-vector-options.js';
import { isPlainObject } from './plain-object.js';
import type {
  CollectionSchema,
  EncodedVectorOptions,
  Field,
  GivenVectorOptions,
  SchemaInput,
  VectorSpace,
} from './schema.js';

/** Names that a record uses for itself. */
const RESERVED_FIELDS = ['id', 'vectors'];

/** Checks a schema and spells out its defaults. Throws INVALID_SCHEMA or UNKNOWN_OPTION naming the field or vector. */
export function parseSchema(input: unknown): CollectionSchema {
  if (!isPlainObject(input)) throw invalid('A schema is an object', undefined, input);
  refuseUnknownKeys(input, ['fields', 'vectors', 'strict'], 'the schema');
  const { fields = {}, vectors = {}, strict = false } = input as SchemaInput;
  if (!isPlainObject(fields)) throw invalid('`fields` is an object', 'fields', fields);
  if (!isPlainObject(vectors)) throw invalid('`vectors` is an object', 'vectors', vectors);
  if (typeof strict !== 'boolean') throw invalid('`strict` is true or false', 'strict', strict);
  const parsedFields: Record<string, Field> = {};
  for (const [name, field] of Object.entries(fields)) parsedFields[name] = parseField(name, field);
  const parsedVectors: Record<string, VectorSpace> = {};
  for (const [name, vector] of Object.entries(vectors)) parsedVectors[name] = parseVector(name, vector, parsedFields);
  return deepFreeze({ fields: parsedFields, vectors: parsedVectors, strict });
}

function parseField(name: string, input: unknown): Field {
  checkName(name, 'field');
  if (RESERVED_FIELDS.includes(name)) throw invalid(`\`${name}\` is a reserved name, not a field`, name, input);
  const options = typeof input === 'string' ? { type: input } : input;
  if (!isPlainObject(options)) throw invalid(`Field \`${name}\` has neither a type nor options`, name, input);
  refuseUnknownKeys(options, ['type', 'required', 'index'], `field \`${name}\``);
  const { type, required = false, index } = options as { type?: unknown; required?: unknown; index?: unknown };
  if (!FIELD_TYPES.includes(type as FieldType)) {
    throw new NearfieldError('INVALID_SCHEMA', `Field \`${name}\` has an unknown type`, {
      field: name,
      received: describe(type),
      remedy: suggestion(String(type), FIELD_TYPES),
    });
  }
  const scalar = SCALAR_TYPES.includes(type as FieldType);
  if (typeof required !== 'boolean')
    throw invalid(`\`required\` of field \`${name}\` is true or false`, name, required);
  if (index !== undefined && typeof index !== 'boolean') {
    throw invalid(`\`index\` of field \`${name}\` is true or false`, name, index);
  }
  if (index === true && !scalar)
    throw invalid(`Field \`${name}\` of type ${type} cannot have a column index`, name, index);
  return { type: type as FieldType, required, index: index ?? scalar };
}

function parseVector(name: string, input: unknown, fields: Readonly<Record<string, Field>>): VectorSpace {
  checkName(name, 'vector');
  if (!isPlainObject(input)) throw invalid(`Vector \`${name}\` has no options`, name, input);
  if ('dimensions' in input) return parseGivenVector(name, input as unknown as GivenVectorOptions);
  if (!('encoder' in input))
    throw invalid(`Vector \`${name}\` has neither \`encoder\` nor \`dimensions\``, name, input);
  return parseEncodedVector(name, input as unknown as EncodedVectorOptions, fields);
}

function parseGivenVector(name: string, input: GivenVectorOptions): VectorSpace {
  refuseUnknownKeys(input, ['dimensions', 'metric', 'quantization', 'hnsw'], `vector \`${name}\``);
  const { dimensions, metric = 'cosine' } = input;
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > MAX_DIMENSIONS) {
    throw invalid(`\`dimensions\` of vector \`${name}\` is an integer from 1 to ${MAX_DIMENSIONS}`, name, dimensions);
  }
  oneOf(metric, METRICS, `metric of vector \`${name}\``, name);
  return {
    kind: 'given',
    dimensions,
    metric,
    quantization: parseQuantization(name, input),
    hnsw: parseHnsw(name, input),
  };
}
