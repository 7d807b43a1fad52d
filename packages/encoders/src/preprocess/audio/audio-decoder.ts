import type { AudioFormat } from './audio-format.js';

/** A piece of sound as it is stored: a channel each, all of one length, and samples a second. */
export interface DecodedPiece {
  readonly channelData: readonly Float32Array[];
  readonly sampleRate: number;
}

/** Takes the bytes of a file in pieces of any size and gives what can be decoded so far. */
export interface AudioDecoder {
  decode(bytes: Uint8Array): DecodedPiece | Promise<DecodedPiece>;
  /** What is left at the end of the file. */
  flush?(): DecodedPiece | Promise<DecodedPiece>;
  free(): void;
}

/** A decoder in WebAssembly (WAV: JavaScript); its module is loaded when the first file of that format comes. */
export async function openDecoder(format: AudioFormat): Promise<AudioDecoder> {
  switch (format) {
    case 'wav':
      return (await import('@audio/decode-wav')).decoder();
    case 'mp3':
      return (await import('@audio/decode-mp3')).decoder();
    case 'vorbis':
      return (await import('@audio/decode-vorbis')).decoder();
    case 'opus':
      return (await import('@audio/decode-opus')).decoder();
    case 'flac':
      return (await import('@audio/decode-flac')).decoder();
    default: {
      const other: never = format;
      throw new Error(`Unknown format ${String(other)}`);
    }
  }
}
