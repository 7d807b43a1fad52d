import { ServerError } from '../errors/server-error.js';

/** As deep as a filter within a query within a batch may nest, with room to spare; the decoder recurses. */
const MAX_DEPTH = 256;
/** Extensions that are read: timestamps, and of msgpackr's own `undefined` and typed arrays. */
const EXTENSIONS: readonly number[] = [0xff, 0x00, 0x74];
/** How a `Packr` of msgpackr writes objects by default: each shape once, under a number. */
const MSGPACKR_RECORD = 0x72;

/**
 * Walks the heads of a MessagePack body without building a value. Throws MALFORMED_BODY unless every length fits the
 * body: a decoder takes an array's length at its word, so that a few bytes could claim gigabytes. Extensions that would
 * make the decoder compile code or build references are refused with it. (MessagePack specification, 2.0.)
 */
export function checkFrames(body: Uint8Array): void {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  /** Values still to come at each level. */
  const pending: number[] = [1];
  let at = 0;
  while (pending.length > 0) {
    if (pending.at(-1) === 0) {
      pending.pop();
      continue;
    }
    pending[pending.length - 1]--;
    if (at >= body.length) throw malformed('it ends in the middle of a value');
    const frame = readFrame(view, at);
    at += frame.bytes;
    if (at > body.length) throw malformed('it ends in the middle of a value');
    // Every value that is announced takes a byte at least.
    if (at + frame.members > body.length) throw malformed('a length goes beyond its end');
    if (frame.members > 0) pending.push(frame.members);
    if (pending.length > MAX_DEPTH) throw malformed(`it nests deeper than ${MAX_DEPTH}`);
  }
  if (at !== body.length) throw malformed(`${body.length - at} bytes follow its value`);
}

interface Frame {
  /** Of the head, and of the value itself unless it has members. */
  readonly bytes: number;
  /** Values that follow as its members: two a pair of a map. */
  readonly members: number;
}

function readFrame(view: DataView, at: number): Frame {
  const head = view.getUint8(at);
  if (head <= 0x7f || head >= 0xe0) return leaf(1);
  if (head <= 0x8f) return { bytes: 1, members: (head & 0x0f) * 2 };
  if (head <= 0x9f) return { bytes: 1, members: head & 0x0f };
  if (head <= 0xbf) return leaf(1 + (head & 0x1f));
  if (head === 0xc1) throw malformed('it has a byte that MessagePack does not use');
  if (head <= 0xc3) return leaf(1);
  if (head >= 0xca && head <= 0xd3) return leaf([5, 9, 2, 3, 5, 9, 2, 3, 5, 9][head - 0xca]);
  if (head >= 0xd4 && head <= 0xd8) return extension(view, at + 1, 2 + 2 ** (head - 0xd4));
  if (head >= 0xdc) {
    const width = head % 2 === 0 ? 2 : 4;
    return { bytes: 1 + width, members: readLength(view, at + 1, width) * (head >= 0xde ? 2 : 1) };
  }
  const width = head >= 0xd9 ? 2 ** (head - 0xd9) : 2 ** ((head - 0xc4) % 3);
  const length = readLength(view, at + 1, width);
  if (head >= 0xc7 && head <= 0xc9) return extension(view, at + 1 + width, 2 + width + length);
  return leaf(1 + width + length);
}

function leaf(bytes: number): Frame {
  return { bytes, members: 0 };
}

function extension(view: DataView, typeAt: number, bytes: number): Frame {
  const type = readLength(view, typeAt, 1);
  if (EXTENSIONS.includes(type)) return leaf(bytes);
  if (type === MSGPACKR_RECORD)
    throw malformed('it has record structures of msgpackr, which useRecords: false turns off');
  throw malformed(`it has an extension of type ${(type << 24) >> 24}`);
}

function readLength(view: DataView, at: number, width: number): number {
  if (at + width > view.byteLength) throw malformed('it ends in the middle of a value');
  return width === 1 ? view.getUint8(at) : width === 2 ? view.getUint16(at) : view.getUint32(at);
}

function malformed(why: string): ServerError {
  return new ServerError('MALFORMED_BODY', `The body is not MessagePack that this server reads: ${why}.`);
}
