import type { AudioFormat } from './audio-format.js';

/** A piece of sound as it is stored: a channel each, all of one length, and samples a second. */
export interface DecodedPiece {
  readonly channelData: readonly Float32Array[];
  readonly sampleRate: number;
}

/** Takes the bytes of a file in pieces of any size and gives what can be decoded so far. */
export interface AudioDecoder {
  decode(bytes: Uint8Array): DecodedPiece;
  /** What is left at the end of the file. */
  flush(): DecodedPiece;
  free(): void;
}

/** What the packages of decoders give. */
interface PackageDecoder {
  decode(bytes: Uint8Array): DecodedPiece;
  flush?(): DecodedPiece;
  free(): void;
}

const NOTHING: DecodedPiece = Object.freeze({ channelData: [], sampleRate: 0 });

/** A decoder in WebAssembly (WAV: JavaScript); its module is loaded when the first file of that format comes. */
export async function openDecoder(format: AudioFormat): Promise<AudioDecoder> {
  const decoder = await packageDecoder(format);
  return {
    decode: (bytes) => quietly(() => decoder.decode(bytes)),
    flush: () => quietly(() => decoder.flush?.() ?? NOTHING),
    free: () => decoder.free(),
  };
}

async function packageDecoder(format: AudioFormat): Promise<PackageDecoder> {
  switch (format) {
    case 'wav':
      return wavDecoder();
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

async function wavDecoder(): Promise<PackageDecoder> {
  const decoder = (await import('@audio/decode-wav')).decoder();
  let isFirst = true;
  return {
    decode(bytes) {
      if (isFirst) repairBlockSize(bytes);
      isFirst = false;
      return decoder.decode(bytes);
    },
    free: () => decoder.free(),
  };
}

/** Some old files leave the bytes of a sample of all channels at 0, without which the decoder finds no sample. */
function repairBlockSize(bytes: Uint8Array): void {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [formatChunk, channels, blockSize, bits] = [12, 22, 32, 34];
  if (bytes.length < bits + 2 || header.getUint32(formatChunk) !== 0x666d7420) return;
  if (header.getUint16(blockSize, true) !== 0) return;
  header.setUint16(blockSize, (header.getUint16(channels, true) * header.getUint16(bits, true)) / 8, true);
}

/** The decoders print a line for each damaged frame, hundreds for one file; what is unreadable is said once, by an error. */
function quietly<T>(decode: () => T): T {
  const print = console.error;
  console.error = () => undefined;
  try {
    return decode();
  } finally {
    console.error = print;
  }
}
