import { METRICS } from '../distance/metric.js';
import { MAX_DIMENSIONS } from '../distance/vector.js';
import { BM25_DEFAULTS } from './bm25-defaults.js';
import { NearfieldError, describe, refuseUnknownKeys, suggestion } from '../errors/index.js';
import { FIELD_TYPES, SCALAR_TYPES, type FieldType } from './field-type.js';
import { deepFreeze } from './deep-freeze.js';
import { checkName } from './name.js';
import { isPlainObject } from './plain-object.js';
import {
  QUANTIZATIONS,
  type CollectionSchema,
  type EncodedVectorOptions,
  type Field,
  type GivenVectorOptions,
  type HnswOptions,
  type Quantization,
  type SchemaInput,
  type VectorSpace,
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

function parseEncodedVector(
  name: string,
  input: EncodedVectorOptions,
  fields: Readonly<Record<string, Field>>,
): VectorSpace {
  refuseUnknownKeys(input, ['from', 'encoder', 'quantization', 'hnsw', 'bm25'], `vector \`${name}\``);
  const { from, encoder } = input;
  if (!Array.isArray(from) || from.length === 0) {
    throw invalid(`\`from\` of vector \`${name}\` is a list of fields`, name, from);
  }
  for (const field of from as unknown[]) {
    if (typeof field === 'string' && Object.hasOwn(fields, field)) continue;
    throw new NearfieldError(
      'INVALID_SCHEMA',
      `Vector \`${name}\` is made from a field that the schema does not name`,
      {
        field: name,
        received: describe(field),
        remedy: suggestion(String(field), Object.keys(fields)),
      },
    );
  }
  const encoderName = typeof encoder === 'string' ? encoder : encoder?.identity?.name;
  if (typeof encoderName !== 'string' || encoderName === '') {
    throw invalid(`\`encoder\` of vector \`${name}\` is a name or an Encoder`, name, encoder);
  }
  return {
    kind: 'encoded',
    from: [...from],
    encoder: encoderName,
    quantization: parseQuantization(name, input),
    hnsw: parseHnsw(name, input),
    bm25: parseBm25(name, input.bm25),
  };
}

function parseQuantization(name: string, input: { quantization?: Quantization }): Quantization {
  const { quantization = 'none' } = input;
  oneOf(quantization, QUANTIZATIONS, `quantization of vector \`${name}\``, name);
  return quantization;
}

function parseHnsw(name: string, input: { hnsw?: HnswOptions }): Required<HnswOptions> {
  const { hnsw = {} } = input;
  if (!isPlainObject(hnsw)) throw invalid(`\`hnsw\` of vector \`${name}\` is an object`, name, hnsw);
  refuseUnknownKeys(hnsw, ['m', 'efConstruction'], `hnsw of vector \`${name}\``);
  const { m = 16, efConstruction = Math.max(200, m) } = hnsw as HnswOptions;
  if (!Number.isInteger(m) || m < 2 || m > 128) throw invalid(`\`m\` of vector \`${name}\` is from 2 to 128`, name, m);
  if (!Number.isInteger(efConstruction) || efConstruction < m || efConstruction > 10_000) {
    throw invalid(`\`efConstruction\` of vector \`${name}\` is from m to 10 000`, name, efConstruction);
  }
  return { m, efConstruction };
}

function parseBm25(name: string, input: unknown = {}): { k1: number; b: number } {
  if (!isPlainObject(input)) throw invalid(`\`bm25\` of vector \`${name}\` is an object`, name, input);
  refuseUnknownKeys(input, ['k1', 'b'], `bm25 of vector \`${name}\``);
  const { k1, b } = { ...BM25_DEFAULTS, ...input } as { k1: number; b: number };
  if (!(Number.isFinite(k1) && k1 >= 0)) throw invalid(`\`k1\` of vector \`${name}\` is at least 0`, name, k1);
  if (!(b >= 0 && b <= 1)) throw invalid(`\`b\` of vector \`${name}\` is from 0 to 1`, name, b);
  return { k1, b };
}

function oneOf(value: unknown, known: readonly string[], what: string, field: string): void {
  if (typeof value === 'string' && known.includes(value)) return;
  throw new NearfieldError('INVALID_SCHEMA', `Unknown ${what}`, {
    field,
    received: describe(value),
    remedy: suggestion(String(value), known),
  });
}

function invalid(what: string, field: string | undefined, received: unknown): NearfieldError {
  return new NearfieldError('INVALID_SCHEMA', what, { field, received: describe(received) });
}
