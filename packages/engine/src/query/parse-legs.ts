import { checkVector, copyVector } from '../distance/index.js';
import type { EncoderInput } from '../encoder/encoder.js';
import { NearfieldError, describe, refuseUnknownKeys, suggestion } from '../errors/index.js';
import { checkId } from '../ingest/index.js';
import { isPlainObject, type CollectionSchema } from '../schema/index.js';
import type { StoredSpace } from '../store/index.js';
import { checkNumber, invalidOption } from './check-option.js';
import type { Leg, NearInput, Target } from './query.js';

const INPUTS = ['text', 'image', 'audio'] as const;
const TARGETS = [...INPUTS, 'value', 'id'] as const;

/** The longest query text, in UTF-16 code units: more than any encoder reads, and no burden to the caller's memory. */
const MAX_QUERY_TEXT = 1024 * 1024;

/** The most legs of one query: each is a search of its own. */
export const MAX_LEGS = 256;

export function parseLegs(input: unknown, schema: CollectionSchema, spaces: readonly StoredSpace[]): Leg[] {
  const list = Array.isArray(input) ? (input as unknown[]) : [input];
  if (list.length > MAX_LEGS) throw invalidOption('near', `at most ${MAX_LEGS} legs`, list);
  return list.map((leg) => parseLeg(leg, schema, spaces));
}

function parseLeg(input: unknown, schema: CollectionSchema, spaces: readonly StoredSpace[]): Leg {
  if (!isPlainObject(input)) throw invalidOption('near', 'a leg { vector, … } or a list of them', input);
  refuseUnknownKeys(input, ['vector', 'weight', ...TARGETS], 'near');
  const { vector, weight } = input as { vector: unknown; weight: unknown };
  if (typeof vector !== 'string' || !Object.hasOwn(schema.vectors, vector)) {
    throw new NearfieldError('UNKNOWN_VECTOR', 'A leg names a vector that the schema does not', {
      field: 'near',
      received: describe(vector),
      remedy: suggestion(String(vector), Object.keys(schema.vectors)),
    });
  }
  const target = parseTarget(input, spaces.find(({ name }) => name === vector)!);
  return { vector, target, weight: weight === undefined ? undefined : checkNumber('weight', weight, 0, 1e9) };
}

function parseTarget(leg: Readonly<Record<string, unknown>>, space: StoredSpace): Target {
  const input = leg as unknown as NearInput;
  const given = TARGETS.filter((target) => input[target] !== undefined);
  const inputs = INPUTS.filter((kind) => given.includes(kind));
  if (given.length === 0 || (given.length > 1 && inputs.length < given.length)) {
    throw invalidOption(
      'near',
      `one of ${TARGETS.join(', ')} in the leg on \`${space.name}\`, or several of ${INPUTS.join(', ')}`,
      given.join(' and ') || 'none',
    );
  }
  if (input.id !== undefined) {
    checkId(input.id);
    return { kind: 'id', id: input.id };
  }
  if (input.value !== undefined) return parseValue(input.value, space);
  return { kind: 'inputs', inputs: inputs.map((kind) => parseInput(input, kind, space)) };
}

function parseInput(leg: NearInput, kind: (typeof INPUTS)[number], space: StoredSpace): EncoderInput {
  requireEncoder(space, kind);
  switch (kind) {
    case 'text':
      return { kind, text: checkQueryText(leg.text) };
    case 'image':
      checkMedia(kind, leg.image);
      return { kind, image: leg.image! };
    case 'audio':
      checkMedia(kind, leg.audio);
      return { kind, audio: leg.audio! };
    default:
      return kind satisfies never;
  }
}

function parseValue(value: Float32Array, space: StoredSpace): Target {
  if (space.kind === 'sparse') throw invalidOption('near', `a text on the sparse vector \`${space.name}\``, value);
  checkVector(value, space.dimensions, space.metric, () => `The value of the leg on \`${space.name}\``, {
    field: space.name,
  });
  // A copy: the caller may fill the array anew before the search gets to it.
  return { kind: 'value', value: copyVector(value) };
}

export function checkQueryText(text: unknown): string {
  if (typeof text !== 'string') throw invalidOption('text', 'a string', text);
  if (text.trim() === '') throw invalidOption('text', 'a text that is not empty', text);
  if (text.length > MAX_QUERY_TEXT) {
    throw new NearfieldError('TEXT_TOO_LONG', 'The query text is too long', {
      field: 'text',
      expected: `at most ${MAX_QUERY_TEXT} characters`,
      received: String(text.length),
    });
  }
  if (!text.isWellFormed())
    throw new NearfieldError('INVALID_TEXT', 'The query text has a lone surrogate', { field: 'text' });
  return text;
}

function checkMedia(kind: string, source: unknown): void {
  const known = source instanceof Uint8Array || source instanceof URL || (typeof source === 'string' && source !== '');
  if (!known) throw invalidOption(kind, 'a path, a file: URL or a Uint8Array', source);
}

function requireEncoder(space: StoredSpace, kind: string): void {
  if (space.encoder !== undefined) return;
  throw new NearfieldError('INVALID_QUERY', `Vector \`${space.name}\` has no encoder for ${kind}`, {
    field: space.name,
    remedy: 'Give `value`, a Float32Array.',
  });
}
