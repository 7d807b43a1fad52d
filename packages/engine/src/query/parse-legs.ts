import { checkVector, copyVector } from '../distance/index.js';
import { NearfieldError, describe, refuseUnknownKeys, suggestion } from '../errors/index.js';
import { checkId } from '../ingest/index.js';
import { isPlainObject, type CollectionSchema } from '../schema/index.js';
import type { StoredSpace } from '../store/index.js';
import { checkNumber, invalidOption } from './check-option.js';
import type { Leg, NearInput, Target } from './query.js';

const TARGETS = ['text', 'image', 'audio', 'value', 'id'] as const;

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
  const given = TARGETS.filter((target) => input[target] !== undefined);
  if (given.length !== 1) {
    throw invalidOption(
      'near',
      `exactly one of ${TARGETS.join(', ')} in the leg on \`${vector}\``,
      given.join(' and ') || 'none',
    );
  }
  const target = parseTarget(input as unknown as NearInput, given[0], spaces.find(({ name }) => name === vector)!);
  return { vector, target, weight: weight === undefined ? undefined : checkNumber('weight', weight, 0, 1e9) };
}

function parseTarget(input: NearInput, kind: (typeof TARGETS)[number], space: StoredSpace): Target {
  switch (kind) {
    case 'text':
      requireEncoder(space, kind);
      return { kind, text: checkQueryText(input.text) };
    case 'image':
    case 'audio':
      requireEncoder(space, kind);
      checkMedia(kind, input[kind]);
      return kind === 'image' ? { kind, image: input.image! } : { kind, audio: input.audio! };
    case 'id':
      checkId(input.id);
      return { kind, id: input.id };
    case 'value':
      if (space.kind === 'sparse')
        throw invalidOption('near', `a text on the sparse vector \`${space.name}\``, input.value);
      checkVector(input.value, space.dimensions, space.metric, () => `The value of the leg on \`${space.name}\``, {
        field: space.name,
      });
      // A copy: the caller may fill the array anew before the search gets to it.
      return { kind, value: copyVector(input.value) };
    default:
      return kind satisfies never;
  }
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
