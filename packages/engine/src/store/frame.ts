import { crc32 } from 'node:zlib';
import { METRICS, type Metric } from '../distance/index.js';
import { NearfieldError } from '../errors/index.js';
import { QUANTIZATIONS, type Quantization } from '../schema/index.js';

/**
 * A frame is a chunk of derived state: a header of 64 bytes, little-endian, then the payload.
 *
 * | offset | type | |
 * |---|---|---|
 * | 0 | u32 | magic "NFRM" |
 * | 4 | u16 | frame format version |
 * | 6 | u16 | kind: 1 the description of a segment (JSON), 2 its image |
 * | 8 | u8, u8 | metric: 1 cosine, 2 dot, 3 euclidean; quantization: 1 none, 2 int8, 3 binary |
 * | 12 | u32 | dimensions |
 * | 16 | u32 | vectors in the segment |
 * | 20 | u32, u32 | links of a node (M), efConstruction |
 * | 28 | u32, u32 | number of this chunk, from 0, and of all chunks of the kind |
 * | 36 | u32 | bytes of the payload |
 * | 40 | f64 | the commit that the segment covers |
 * | 48 | u32 | the segment: a frame of another one, valid by itself, may fit in everything else |
 * | 52 | u32 | CRC-32 of the payload |
 * | 56 | u32 | CRC-32 of the 56 bytes before |
 * | 60 | | zeros |
 */
export interface FrameHeader {
  readonly kind: 'description' | 'image';
  readonly metric: Metric;
  readonly quantization: Quantization;
  readonly dimensions: number;
  readonly count: number;
  readonly m: number;
  readonly efConstruction: number;
  readonly chunk: number;
  readonly chunks: number;
  readonly commit: number;
  readonly segment: number;
}

export const FRAME_HEADER_BYTES = 64;
/** The largest payload of a frame: far below SQLite's limit, and written in one short transaction. */
export const FRAME_PAYLOAD_BYTES = 16 * 1024 * 1024;

const MAGIC = 0x4d52464e;
const FRAME_VERSION = 1;
const CHECKED_BYTES = 56;
const KINDS = ['description', 'image'] as const;

/** The bytes of one frame. */
export function encodeFrame(header: FrameHeader, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, FRAME_VERSION, true);
  view.setUint16(6, KINDS.indexOf(header.kind) + 1, true);
  view.setUint8(8, METRICS.indexOf(header.metric) + 1);
  view.setUint8(9, QUANTIZATIONS.indexOf(header.quantization) + 1);
  const words = [header.dimensions, header.count, header.m, header.efConstruction, header.chunk, header.chunks];
  for (const [i, word] of words.entries()) view.setUint32(12 + 4 * i, word, true);
  view.setUint32(36, payload.byteLength, true);
  view.setFloat64(40, header.commit, true);
  bytes.set(payload, FRAME_HEADER_BYTES);
  view.setUint32(48, header.segment, true);
  view.setUint32(52, crc32(bytes.subarray(FRAME_HEADER_BYTES)), true);
  view.setUint32(CHECKED_BYTES, crc32(bytes.subarray(0, CHECKED_BYTES)), true);
  return bytes;
}

/** The header and the payload of a frame; throws CORRUPT unless every byte is as it was written. */
export function decodeFrame(bytes: unknown): { header: FrameHeader; payload: Uint8Array } {
  if (!(bytes instanceof Uint8Array) || bytes.byteLength < FRAME_HEADER_BYTES) throw torn('it is too short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw torn('it has no magic number');
  if (view.getUint32(CHECKED_BYTES, true) !== crc32(bytes.subarray(0, CHECKED_BYTES)))
    throw torn('its header has changed');
  if (view.getUint16(4, true) !== FRAME_VERSION) throw torn('it has another version');
  const payload = bytes.subarray(FRAME_HEADER_BYTES);
  if (view.getUint32(36, true) !== payload.byteLength) throw torn('its payload is cut');
  if (view.getUint32(52, true) !== crc32(payload)) throw torn('its payload has changed');
  const word = (i: number) => view.getUint32(12 + 4 * i, true);
  const header: FrameHeader = {
    kind: KINDS[view.getUint16(6, true) - 1],
    metric: METRICS[view.getUint8(8) - 1],
    quantization: QUANTIZATIONS[view.getUint8(9) - 1],
    dimensions: word(0),
    count: word(1),
    m: word(2),
    efConstruction: word(3),
    chunk: word(4),
    chunks: word(5),
    commit: view.getFloat64(40, true),
    segment: view.getUint32(48, true),
  };
  return { header, payload };
}

function torn(why: string): NearfieldError {
  return new NearfieldError('CORRUPT', `A frame of a segment cannot be used: ${why}`);
}
