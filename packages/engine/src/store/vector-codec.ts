import { endianness } from 'node:os';
import { NearfieldError, describe } from '../errors/index.js';
import type { TermVector } from '../indexes/index.js';

if (endianness() !== 'LE') throw new NearfieldError('STORAGE_FAILED', 'Nearfield needs a little-endian machine');

/** The bytes of dense vectors: f32, little-endian. Shares memory with `vector`. */
export function denseBytes(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

/** A record's dense vectors from their bytes, one after the other; throws CORRUPT unless they are one or more times `dimensions` numbers. */
export function denseFromBytes(bytes: Uint8Array, dimensions: number): Float32Array {
  const buffer = aligned(bytes);
  if (buffer.byteLength === 0 || buffer.byteLength % (dimensions * 4) !== 0) {
    throw new NearfieldError('CORRUPT', 'A stored vector has the wrong size', {
      expected: `a multiple of ${dimensions * 4} bytes`,
      received: `${buffer.byteLength}`,
    });
  }
  return new Float32Array(buffer);
}

/** The bytes of a sparse vector: u32 number of terms n, n term numbers (u32), n weights (f32), little-endian. */
export function sparseBytes({ terms, weights }: TermVector): Uint8Array {
  const bytes = new Uint8Array(4 + terms.length * 8);
  new Uint32Array(bytes.buffer, 0, 1 + terms.length).set(terms, 1);
  new Uint32Array(bytes.buffer, 0, 1)[0] = terms.length;
  new Float32Array(bytes.buffer, 4 + terms.length * 4).set(weights);
  return bytes;
}

export function sparseFromBytes(bytes: Uint8Array): TermVector {
  const buffer = aligned(bytes);
  const length = buffer.byteLength >= 4 ? new Uint32Array(buffer, 0, 1)[0] : -1;
  if (buffer.byteLength !== 4 + length * 8) {
    throw new NearfieldError('CORRUPT', 'A stored sparse vector has the wrong size', {
      received: `${buffer.byteLength} bytes`,
    });
  }
  return { terms: new Uint32Array(buffer, 4, length), weights: new Float32Array(buffer, 4 + length * 4, length) };
}

/** Whether these are the bytes of a sparse vector, by their number. */
export function isSparse(bytes: unknown): bytes is Uint8Array {
  if (!(bytes instanceof Uint8Array) || bytes.byteLength < 4) return false;
  return bytes.byteLength === 4 + 8 * new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}

/** A copy at the start of a buffer of its own: SQLite hands out bytes at any offset. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  if (!(bytes instanceof Uint8Array)) {
    throw new NearfieldError('CORRUPT', 'A stored vector is not made of bytes', { received: describe(bytes) });
  }
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
