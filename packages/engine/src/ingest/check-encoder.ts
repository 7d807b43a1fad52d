import { MAX_DIMENSIONS, METRICS } from '../distance/index.js';
import type { Encoder, EncoderInput, Modality } from '../encoder/encoder.js';
import { NearfieldError, describe } from '../errors/index.js';
import type { FieldType } from '../schema/index.js';

const MODALITIES: readonly Modality[] = ['text', 'image', 'audio'];

/** Throws INVALID_SCHEMA unless the encoder of a vector is what the contract says: it may be the caller's own. */
export function checkEncoder(vector: string, encoder: Encoder): Encoder {
  const { identity, accepts, output, strength } = encoder;
  const refuse = (what: string, expected: string, received: unknown): never => {
    throw new NearfieldError('INVALID_SCHEMA', `The encoder of vector \`${vector}\` has no valid \`${what}\``, {
      field: vector,
      expected,
      received: describe(received),
    });
  };
  if (typeof identity?.name !== 'string' || !isJson(identity.options))
    refuse('identity', 'a name, and options of JSON', identity);
  if (!Array.isArray(accepts) || accepts.length === 0 || !accepts.every((kind) => MODALITIES.includes(kind))) {
    refuse('accepts', `some of ${MODALITIES.join(', ')}`, accepts);
  }
  if (output?.kind === 'dense') {
    const { dimensions, metric } = output;
    const whole = Number.isInteger(dimensions) && dimensions >= 1 && dimensions <= MAX_DIMENSIONS;
    if (!whole) refuse('output.dimensions', `an integer from 1 to ${MAX_DIMENSIONS}`, dimensions);
    if (!METRICS.includes(metric)) refuse('output.metric', METRICS.join(', '), metric);
  } else if (output?.kind !== 'sparse') refuse('output', 'of kind dense or sparse', output);
  if (strength !== undefined && !(strength > 0 && strength < Infinity)) {
    refuse('strength', 'a positive finite number', strength);
  }
  return encoder;
}

/** Throws INVALID_INPUT unless the encoder takes inputs of these kinds. */
export function checkAccepted({ identity, accepts }: Encoder, inputs: readonly EncoderInput[]): void {
  for (const { kind } of inputs) {
    if (accepts.includes(kind)) continue;
    throw new NearfieldError('INVALID_INPUT', `Encoder ${identity.name} does not take this input`, {
      expected: accepts.join(' or '),
      received: kind,
    });
  }
}

/** What an encoder gets of a field of that type, or undefined for one that no encoder reads. */
export function modalityOf(type: FieldType): Modality | undefined {
  switch (type) {
    case 'text':
    case 'keyword':
    case 'keyword[]':
      return 'text';
    case 'image':
    case 'audio':
      return type;
    case 'integer':
    case 'float':
    case 'boolean':
    case 'datetime':
    case 'geo':
    case 'json':
      return undefined;
    default:
      return type satisfies never;
  }
}

function isJson(value: unknown): boolean {
  try {
    return typeof JSON.stringify(value) === 'string';
  } catch {
    return false;
  }
}
