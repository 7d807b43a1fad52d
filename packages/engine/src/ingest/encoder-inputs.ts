import type { EncoderInput } from '../encoder/encoder.js';
import type { CollectionSchema, EncodedVector, MediaSource } from '../schema/index.js';

/**
 * What the encoder of a vector gets for a record: the texts of its fields joined by a line break, or else the first
 * image or sound. Undefined when none of the fields has anything in it: then the record has no such vector.
 */
export function encoderInput(
  vector: EncodedVector,
  payload: Readonly<Record<string, unknown>>,
  schema: CollectionSchema,
): EncoderInput | undefined {
  const texts: string[] = [];
  for (const field of vector.from) {
    const value = payload[field];
    if (value === undefined) continue;
    const { type } = schema.fields[field];
    if (type === 'image') return { kind: 'image', image: value as MediaSource };
    if (type === 'audio') return { kind: 'audio', audio: value as MediaSource };
    for (const text of textsOf(value)) if (text.trim() !== '') texts.push(text);
  }
  return texts.length === 0 ? undefined : { kind: 'text', text: texts.join('\n') };
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
