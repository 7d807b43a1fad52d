import { Packr } from 'msgpackr';

/** Plain MessagePack (no record extension), so that any reader of the format can read a payload; a Date is a timestamp. */
const packr = new Packr({ useRecords: false, variableMapSize: true, copyBuffers: true });

/** The fields of a record, as stored. */
export type Payload = Readonly<Record<string, unknown>>;

export function packPayload(payload: Payload): Uint8Array {
  return packr.pack(payload);
}

export function unpackPayload(bytes: Uint8Array): Record<string, unknown> {
  return packr.unpack(bytes) as Record<string, unknown>;
}
