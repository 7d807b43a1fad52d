import { Packr, Unpackr } from 'msgpackr';
import { ServerError } from '../errors/server-error.js';
import { checkFrames } from './message-pack-frames.js';

export const MESSAGE_PACK = 'application/msgpack';
/** The registered name and those that were in use before it. */
export const MESSAGE_PACK_TYPES: readonly string[] = [MESSAGE_PACK, 'application/vnd.msgpack', 'application/x-msgpack'];

// A client that writes every integer in 64 bits means numbers, not BigInts; the engine refuses those that are not safe.
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });
const packr = new Packr({ useRecords: false, mapsAsObjects: true });

/** Reads one MessagePack value that fills the buffer. Throws MALFORMED_BODY. */
export function unpackBody(body: Uint8Array): unknown {
  checkFrames(body);
  try {
    return unpackr.unpack(body);
  } catch (error) {
    throw new ServerError('MALFORMED_BODY', 'The body is not MessagePack', { received: (error as Error).message });
  }
}

/** One value as MessagePack, in memory of its own. */
export function packBody(value: unknown): Buffer {
  return packr.pack(value);
}
