import { NearfieldError } from '@nearfield/engine';
import { describe } from '@nearfield/engine/encoder';

/** The vector views that MessagePack's typed array extension may carry besides Float32Array. */
type NumberArray = Float64Array | Int8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

/** What an error names. */
interface Details {
  readonly record?: unknown;
  readonly field: string;
  readonly part?: number;
}

/**
 * A vector as it came over the wire, as a Float32Array: an array of numbers, bytes (little-endian float32, as a
 * MessagePack bin holds them) or a typed array, as msgpackr writes it with its option `moreTypes` (without, it writes a
 * Float32Array as bytes that are not its numbers). Whether its numbers and dimensions are right is for the engine to
 * say.
 * Throws INVALID_VECTOR.
 */
export function incomingVector(value: unknown, where: string, details: Details): unknown {
  if (value === null || value === undefined || value instanceof Float32Array) return value;
  if (Array.isArray(value)) return fromNumbers(value, where, details);
  if (value instanceof Uint8Array) return fromBytes(value, where, details);
  if (isNumberArray(value)) return Float32Array.from(value);
  throw invalid(where, 'an array of numbers', describe(value), details);
}

/**
 * The vectors of a record in one space as they came over the wire: one, or a list of several in any of the spellings of
 * one. An empty list is left to the engine's check. Throws INVALID_VECTOR.
 */
export function incomingVectors(value: unknown, where: string, details: Details): unknown {
  if (!Array.isArray(value) || !isVectors(value)) return incomingVector(value, where, details);
  const what = `${where[0].toLowerCase()}${where.slice(1)}`;
  return value.map((vector, part) => incomingVector(vector, `Part ${part} of ${what}`, { ...details, part }));
}

/** Whether an array is a list of vectors, by its first member, and not one vector of numbers. */
function isVectors(values: readonly unknown[]): boolean {
  return values.length === 0 || Array.isArray(values[0]) || ArrayBuffer.isView(values[0]);
}

function isNumberArray(value: unknown): value is NumberArray {
  return (
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView || value instanceof BigInt64Array || value instanceof BigUint64Array)
  );
}

function fromNumbers(values: readonly unknown[], where: string, details: Details): Float32Array {
  const vector = new Float32Array(values.length);
  for (const [i, value] of values.entries()) {
    if (typeof value !== 'number') throw invalid(where, 'an array of numbers', `${describe(value)} at ${i}`, details);
    vector[i] = value;
  }
  return vector;
}

function fromBytes(bytes: Uint8Array, where: string, details: Details): Float32Array {
  if (bytes.byteLength % Float32Array.BYTES_PER_ELEMENT !== 0) {
    throw invalid(where, 'bytes of little-endian float32, 4 a number', `${bytes.byteLength} bytes`, details);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getFloat32(i * 4, true));
}

function invalid(where: string, expected: string, received: string, details: object): NearfieldError {
  return new NearfieldError('INVALID_VECTOR', `${where} is not a vector`, { ...details, expected, received });
}
