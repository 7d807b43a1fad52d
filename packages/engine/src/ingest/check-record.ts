import { checkVector, copyVector } from '../distance/index.js';
import { NearfieldError, describe, suggestion, type ErrorDetails } from '../errors/index.js';
import { isPlainObject, type CollectionSchema, type GivenVector, type RecordId } from '../schema/index.js';
import { checkedField } from './check-field.js';
import { checkId } from './check-id.js';
import { checkedJson } from './check-json.js';
import { checkText } from './check-text.js';
import { MAX_PARTS, MAX_PART_NUMBERS } from './limits.js';

/**
 * A record that can be stored: its id, the fields that have a value, and the vectors that the caller brought, by space:
 * where it brought several, their numbers follow one another (parts x dimensions, row-major).
 */
export interface CheckedRecord {
  readonly id: RecordId;
  /** Its place in the array or stream that it came in, from 0. */
  readonly position: number;
  readonly payload: Record<string, unknown>;
  readonly vectors: Map<string, Float32Array>;
}

/**
 * Checks one record of a batch against the schema, without changing it. Null and undefined mean "no value". Throws an
 * error that names the record (by id, or by position when the id is bad) and the field.
 */
export function checkRecord(input: unknown, schema: CollectionSchema, position: number): CheckedRecord {
  if (!isPlainObject(input)) {
    throw new NearfieldError('INVALID_RECORD', `Record ${position} is not a plain object`, {
      record: position,
      received: describe(input),
    });
  }
  const { id, vectors, ...fields } = input;
  checkId(id, position);
  const at = { record: id };
  const payload = checkFields(fields, schema, at);
  for (const [name, field] of Object.entries(schema.fields)) {
    if (field.required && payload[name] === undefined) {
      throw new NearfieldError('MISSING_FIELD', `Record ${JSON.stringify(id)} has no \`${name}\``, {
        ...at,
        field: name,
      });
    }
  }
  return { id, position, payload, vectors: checkVectors(vectors, schema, at) };
}

function checkFields(
  fields: Record<string, unknown>,
  schema: CollectionSchema,
  at: ErrorDetails,
): Record<string, unknown> {
  const payload: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === null || value === undefined) continue;
    if (Object.hasOwn(schema.fields, name)) payload[name] = checkedField(name, schema.fields[name].type, value, at);
    else payload[name] = checkUnnamed(name, value, schema, at);
  }
  return payload;
}

function checkUnnamed(name: string, value: unknown, schema: CollectionSchema, at: ErrorDetails): unknown {
  if (schema.strict) {
    throw new NearfieldError('UNKNOWN_FIELD', `Record ${JSON.stringify(at.record)} has an unknown field \`${name}\``, {
      ...at,
      field: name,
      remedy: suggestion(name, Object.keys(schema.fields)),
    });
  }
  checkText(name, 'The name of a field', at);
  if (name === '__proto__' || name.includes('.')) {
    throw new NearfieldError('INVALID_FIELD', `\`${name}\` cannot name a field`, {
      ...at,
      field: name,
      remedy: 'Names of fields have no dots, which filters use for paths.',
    });
  }
  return checkedJson(value, `Field \`${name}\` of record ${JSON.stringify(at.record)}`, { ...at, field: name });
}

function checkVectors(input: unknown, schema: CollectionSchema, at: ErrorDetails): Map<string, Float32Array> {
  const checked = new Map<string, Float32Array>();
  if (input === undefined || input === null) return checked;
  if (!isPlainObject(input)) {
    throw new NearfieldError('INVALID_VECTOR', `\`vectors\` of record ${JSON.stringify(at.record)} is not an object`, {
      ...at,
      field: 'vectors',
      received: describe(input),
    });
  }
  for (const [name, given] of Object.entries(input)) {
    if (given === null || given === undefined) continue;
    checked.set(name, checkGivenVectors(name, given, schema, at));
  }
  return checked;
}

function checkGivenVectors(name: string, given: unknown, schema: CollectionSchema, at: ErrorDetails): Float32Array {
  const space = Object.hasOwn(schema.vectors, name) ? schema.vectors[name] : undefined;
  const where = { ...at, field: name };
  if (space?.kind !== 'given') {
    const known = Object.keys(schema.vectors).filter((other) => schema.vectors[other].kind === 'given');
    const problem = space === undefined ? 'is not in the schema' : 'is made by its encoder, not given';
    throw new NearfieldError('UNKNOWN_VECTOR', `Vector \`${name}\` of record ${JSON.stringify(at.record)} ${problem}`, {
      ...where,
      remedy: space === undefined ? suggestion(name, known) : 'Leave it out: it is made from the fields.',
    });
  }
  const what = () => `Vector \`${name}\` of record ${JSON.stringify(at.record)}`;
  // A list of numbers is one vector that was not wrapped, and is told so.
  if (Array.isArray(given) && typeof given[0] !== 'number') return checkParts(given, space, what, where);
  checkVector(given, space.dimensions, space.metric, what, where);
  // A copy: the caller may fill the array anew while the batch is on its way.
  return copyVector(given);
}

/** Several vectors of one record, copied one after the other. An error names the part, from 0. */
function checkParts(
  parts: readonly unknown[],
  { dimensions, metric }: GivenVector,
  what: () => string,
  at: ErrorDetails,
): Float32Array {
  const most = Math.min(MAX_PARTS, Math.floor(MAX_PART_NUMBERS / dimensions));
  if (parts.length === 0 || parts.length > most) {
    throw new NearfieldError(
      'INVALID_VECTOR',
      `${what()} is ${parts.length === 0 ? 'an empty list' : 'too long a list'}`,
      {
        ...at,
        expected: `a Float32Array, or a list of 1 to ${most} of them`,
        received: `a list of ${parts.length}`,
        remedy: parts.length === 0 ? 'Leave the vector out, or give null for none.' : 'Divide the record in several.',
      },
    );
  }
  const checked = new Float32Array(parts.length * dimensions);
  for (let part = 0; part < parts.length; part++) {
    const vector = parts[part];
    const where = () => `Part ${part} of ${what()[0].toLowerCase()}${what().slice(1)}`;
    checkVector(vector, dimensions, metric, where, { ...at, part });
    checked.set(vector, part * dimensions);
  }
  return checked;
}
