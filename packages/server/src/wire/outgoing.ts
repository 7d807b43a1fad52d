import { isPlainObject } from '@nearfield/engine/encoder';

export type WireFormat = 'json' | 'msgpack';

/**
 * A value as it goes over the wire. Members that are undefined are left out. JSON: vectors are arrays of numbers, bytes
 * `{ base64 }`, dates ISO 8601 strings. MessagePack: vectors are bin of little-endian float32, bytes bin, dates
 * timestamps.
 */
export function outgoing(value: unknown, format: WireFormat): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Float32Array) return format === 'json' ? Array.from(value) : littleEndian(value);
  if (value instanceof Uint8Array) {
    return format === 'json'
      ? { base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') }
      : value;
  }
  if (value instanceof Date) return format === 'json' ? value.toISOString() : value;
  if (value instanceof Set || Array.isArray(value))
    return Array.from(value, (member: unknown) => outgoing(member, format));
  if (!isPlainObject(value)) return String(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, outgoing(member, format)]));
}

function littleEndian(vector: Float32Array): Uint8Array {
  const bytes = new Uint8Array(vector.byteLength);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of vector.entries()) view.setFloat32(i * 4, value, true);
  return bytes;
}
