import { NearfieldError } from '@nearfield/engine';
import { describe, refuseUnknownKeys, isPlainObject } from '@nearfield/engine/encoder';
import { ServerError } from '../errors/server-error.js';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * An image or a sound as it came over the wire: bytes stay, `{ base64 }` becomes bytes (RFC 4648, section 4), a string
 * is a path of this machine and is refused unless the server allows it. Throws LOCAL_PATH_REFUSED, INVALID_INPUT.
 */
export function incomingMedia(value: unknown, where: string, field: string, allowLocalPaths: boolean): unknown {
  if (typeof value === 'string' || value instanceof URL) {
    if (allowLocalPaths) return value;
    throw new ServerError('LOCAL_PATH_REFUSED', `${where} is a path. Send the bytes, in JSON as { "base64": "…" }.`, {
      field,
      received: describe(value),
      remedy: 'Send the bytes, or start the server with local paths allowed.',
    });
  }
  if (!isPlainObject(value)) return value;
  refuseUnknownKeys(value, ['base64'], where);
  const { base64 } = value;
  if (typeof base64 !== 'string' || base64.length % 4 !== 0 || !BASE64.test(base64)) {
    throw new NearfieldError('INVALID_INPUT', `${where} is not base64`, {
      field,
      expected: '{ "base64": "…" } with padding',
      received: describe(base64),
      remedy: 'Encode the bytes as base64 (RFC 4648, section 4).',
    });
  }
  return new Uint8Array(Buffer.from(base64, 'base64'));
}
