import type { EncoderInput } from '../encoder/encoder.js';
import type { EncodedVector, Field, MediaSource } from '../schema/index.js';

type Fields = Readonly<Record<string, Field>>;
type Payload = Readonly<Record<string, unknown>>;

/** Where a part of a joined text comes from. */
export interface TextOrigin {
  /** Place of the field in `from`. */
  readonly field: number;
  /** UTF-16 offset in the joined text, and in the text of the field (a list's members being joined by line breaks). */
  readonly at: number;
  readonly offset: number;
  readonly length: number;
}

/** An input of one record. */
export interface RecordInput {
  readonly input: EncoderInput;
  /** The field that it comes from; of a joined text, the first of the vector. */
  readonly field: string;
  /** Of a text. */
  readonly origins: readonly TextOrigin[];
}

/**
 * What the encoders of a vector get for a record. A vector that joins its fields: their texts, joined by a line break, or
 * else the first image or sound. Any other: each field that has something in it. Without an input the record has no such
 * vector.
 */
export function recordInputs(vector: EncodedVector, payload: Payload, fields: Fields): RecordInput[] {
  const { from } = vector;
  if (vector.combine === 'join') {
    const input = joinedInput(from, payload, fields);
    return input === undefined ? [] : [input];
  }
  return from.map((field) => joinedInput([field], payload, fields)).filter((input) => input !== undefined);
}

function joinedInput(from: readonly string[], payload: Payload, fields: Fields): RecordInput | undefined {
  const texts: string[] = [];
  const origins: TextOrigin[] = [];
  let at = 0;
  for (const [i, field] of from.entries()) {
    const value = payload[field];
    if (value === undefined) continue;
    const { type } = fields[field];
    if (type === 'image') return { input: { kind: 'image', image: value as MediaSource }, field, origins: [] };
    if (type === 'audio') return { input: { kind: 'audio', audio: value as MediaSource }, field, origins: [] };
    let offset = 0;
    for (const text of textsOf(value)) {
      if (text.trim() !== '') {
        texts.push(text);
        origins.push({ field: i, at, offset, length: text.length });
        at += text.length + 1;
      }
      offset += text.length + 1;
    }
  }
  if (texts.length === 0) return undefined;
  return { input: { kind: 'text', text: texts.join('\n') }, field: from[0], origins };
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
