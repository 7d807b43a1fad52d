/** What the first bytes of a file that is no image look like, for messages; undefined when they tell nothing. */
export function contentOf(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 512));
  const latin = start.toString('latin1');
  const text = start
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  const signature = SIGNATURES.find(([pattern]) => pattern.test(latin));
  if (signature !== undefined) return signature[1];
  if (/^<!doctype html|^<html/i.test(text)) return 'an HTML page';
  if (/^<\?xml|^</.test(text)) return 'an XML document';
  if (/^[[{]/.test(text)) return 'JSON';
  // oxlint-disable-next-line no-control-regex -- a text file has no such characters
  return /[\u0000-\u0008\ufffd]/.test(text) ? undefined : 'text';
}

/** Signatures of formats that are mistaken for images; bytes as Latin-1. */
const SIGNATURES: readonly (readonly [RegExp, string])[] = [
  [/^%PDF/, 'a PDF document'],
  [/^PK\x03\x04/, 'a ZIP archive'],
  [/^\x1f\x8b/, 'gzip data'],
  [/^.{4}ftyp(heic|heix|hevc|mif1)/s, 'a HEIC image'],
  [/^.{4}ftyp(?!avi[fs])/s, 'an MP4 or QuickTime video'],
  [/^\x1aE\xdf\xa3/, 'a Matroska or WebM video'],
  [/^BM/, 'a BMP image'],
  [/^\0\0[\x01\x02]\0/, 'a Windows icon'],
  [/^8BPS/, 'a Photoshop document'],
  [/^\0\0\0\x0cJXL |^\xff\x0a/, 'a JPEG XL image'],
  [/^RIFF.{4}WAVE/s, 'a WAV sound'],
  [/^ID3|^\xff[\xfb\xf3\xf2]/, 'an MP3 sound'],
  [/^OggS/, 'an Ogg file'],
];
