/** Signatures of formats that are mistaken for images: where, which bytes (as Latin-1), and what they are. */
const SIGNATURES: readonly (readonly [at: number, bytes: string, what: string])[] = [
  [0, '%PDF', 'a PDF document'],
  [0, 'PK\x03\x04', 'a ZIP archive'],
  [0, '\x1f\x8b', 'gzip data'],
  [4, 'ftyphei', 'a HEIC image'],
  [4, 'ftyphev', 'a HEIC image'],
  [4, 'ftypmif1', 'a HEIC image'],
  [4, 'ftypqt', 'a QuickTime video'],
  [4, 'ftypisom', 'an MP4 video'],
  [4, 'ftypmp4', 'an MP4 video'],
  [0, '\x1aE\xdf\xa3', 'a Matroska or WebM video'],
  [0, 'BM', 'a BMP image'],
  [0, '\0\0\x01\0', 'a Windows icon'],
  [0, '8BPS', 'a Photoshop document'],
  [0, '\0\0\0\x0cJXL ', 'a JPEG XL image'],
  [0, '\xff\x0a', 'a JPEG XL image'],
  [8, 'WAVE', 'a WAV sound'],
  [0, 'ID3', 'an MP3 sound'],
  [0, '\xff\xfb', 'an MP3 sound'],
  [0, 'OggS', 'an Ogg file'],
];

/** The root of an SVG may come behind comments and declarations. */
const HEAD_BYTES = 4096;

export const SVG = 'an SVG document';

/** What a file is by its first bytes, if that is something other than the image formats of bytes, or SVG. */
export function contentOf(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, HEAD_BYTES));
  const latin = start.toString('latin1');
  const signature = SIGNATURES.find(([at, expected]) => latin.startsWith(expected, at));
  if (signature !== undefined) return signature[2];
  const text = start.toString('utf8').trimStart();
  if (/^<!doctype html|^<html/i.test(text)) return 'an HTML page';
  // Of other XML the decoder says what is wrong with it.
  if (text.startsWith('<')) return /<(\w+:)?svg[\s>]/.test(text) ? SVG : undefined;
  if (/^[[{]/.test(text)) return 'JSON';
  return start.includes(0) || text.includes('\ufffd') ? undefined : 'text';
}
