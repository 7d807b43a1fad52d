import { NearfieldError } from '../errors/index.js';

/**
 * Where the vectors of a record in one space come from, when each is made of a passage of a text: three numbers a vector,
 * the place of the field in the vector's `from`, and start and end of the passage in the field's text (UTF-16 units).
 */
export type PassageSpans = Uint32Array<ArrayBuffer>;

/** Numbers a vector. */
export const SPAN_NUMBERS = 3;

/** The bytes of spans: u32, little-endian. Shares memory with them. */
export function spanBytes(spans: PassageSpans): Uint8Array {
  return new Uint8Array(spans.buffer, spans.byteOffset, spans.byteLength);
}

/** Throws CORRUPT unless the bytes are whole spans. */
export function spansFromBytes(bytes: Uint8Array): PassageSpans {
  const size = SPAN_NUMBERS * Uint32Array.BYTES_PER_ELEMENT;
  if (!(bytes instanceof Uint8Array) || bytes.byteLength === 0 || bytes.byteLength % size !== 0) {
    throw new NearfieldError('CORRUPT', 'Stored passages have the wrong size', {
      expected: `a multiple of ${size} bytes`,
    });
  }
  // A copy at the start of a buffer of its own: SQLite hands out bytes at any offset.
  return new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer);
}
