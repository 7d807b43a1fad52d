/** A coding of sound that can be decoded; both Vorbis and Opus come in Ogg, FLAC with or without it. */
export type AudioFormat = 'wav' | 'mp3' | 'vorbis' | 'opus' | 'flac';

/** Bytes from the start of a file that tell its format, whatever they are: an Ogg header and an ID3 header are shorter. */
export const HEAD_LENGTH = 64;

/** The format that the first bytes of a file announce, or undefined. */
export function audioFormat(head: Uint8Array): AudioFormat | undefined {
  const text = asciiOf(head);
  if (text.startsWith('RIFF') && text.startsWith('WAVE', 8)) return 'wav';
  if (text.startsWith('fLaC')) return 'flac';
  if (text.startsWith('OggS')) return oggFormat(text);
  if (text.startsWith('ID3') || isMpegFrame(head)) return 'mp3';
  return undefined;
}

/** What a file without sound looks like, for messages. */
export function describeHead(head: Uint8Array): string {
  const text = asciiOf(head).trimStart();
  if (/^<(!doctype html|html|head|body)/i.test(text)) return 'it is an HTML page';
  if (/^<\?xml|^<svg/i.test(text)) return 'it is XML';
  if (/^[{[]/.test(text) && /^[\x20-\x7e\s]*$/.test(text)) return 'it is text';
  const bytes = Array.from(head.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return `its first bytes (${bytes}) are those of no known format; WAV, MP3, Ogg Vorbis, Opus and FLAC are read`;
}

function asciiOf(head: Uint8Array): string {
  return String.fromCharCode(...head.subarray(0, HEAD_LENGTH));
}

/** The first packet of an Ogg stream starts after a page header of 27 bytes and one segment length. */
function oggFormat(text: string): AudioFormat | undefined {
  if (text.startsWith('\x01vorbis', 28)) return 'vorbis';
  if (text.startsWith('OpusHead', 28)) return 'opus';
  if (text.startsWith('\x7fFLAC', 28)) return 'flac';
  return undefined;
}

/** Frame sync of MPEG audio (ISO/IEC 11172-3): 11 set bits, then a version, layer, bit rate and rate that are not reserved. */
function isMpegFrame([first = 0, second = 0, third = 0]: Uint8Array): boolean {
  const isSync = first === 0xff && (second & 0xe0) === 0xe0;
  const isKnown = (second & 0x18) !== 0x08 && (second & 0x06) !== 0 && third >> 4 !== 15 && (third & 0x0c) !== 0x0c;
  return isSync && isKnown;
}
