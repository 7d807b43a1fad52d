import { Packr } from 'msgpackr';
import { NearfieldError, describe } from '../errors/index.js';
import { isPlainObject } from '../schema/index.js';

/**
 * Plain MessagePack (no record extension), so that any reader of the format can read a payload; a Date is a timestamp. A
 * member that is named toJSON is data like any other.
 */
const packr = new Packr({ useRecords: false, variableMapSize: true, copyBuffers: true, useToJSON: false });

/** The fields of a record, as stored. */
export type Payload = Readonly<Record<string, unknown>>;

export function packPayload(payload: Payload): Uint8Array {
  return packr.pack(payload);
}

export function unpackPayload(bytes: Uint8Array): Record<string, unknown> {
  let payload: unknown;
  try {
    payload = packr.unpack(bytes);
  } catch (cause) {
    throw new NearfieldError('CORRUPT', 'A stored record cannot be read', {}, { cause });
  }
  if (isPlainObject(payload)) return payload;
  throw new NearfieldError('CORRUPT', 'A stored record is not a map of fields', { received: describe(payload) });
}
