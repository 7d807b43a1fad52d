import { NearfieldError, type MediaSource } from '@nearfield/engine/encoder';
import { openDecoder, type AudioDecoder, type DecodedPiece } from './audio-decoder.js';
import { readMediaPieces } from '../media/read-media.js';
import { unreadable } from '../media/unreadable.js';
import { audioFormat, describeHead } from './audio-format.js';
import { downmix } from './downmix.js';
import { Resampler } from './resampler.js';

export interface DecodeAudioOptions {
  /** Samples a second of the result. */
  readonly rate: number;
}

/** Encoded bytes that are decoded at once: the sparsest coding unfolds some hundred times, and this bounds a piece. */
const STEP = 1 << 14;

/** A file that has given no sound after so many bytes (tags and pictures may come first) has none, or a broken header. */
const SILENT_PREFIX = 1 << 25;

/** Rates that files have; anything else is a broken header. */
const [LOWEST_RATE, HIGHEST_RATE] = [1000, 768_000];

/**
 * Decodes a sound (WAV, MP3, Ogg Vorbis, Opus, FLAC) to mono at a given rate: consecutive pieces of any length above 0,
 * full scale ±1. Memory is bounded however long the sound is. Decoding is work for a processor: call it in a worker thread.
 *
 * A file that is cut off or damaged gives what can be decoded of it. Throws UNREADABLE_MEDIA, with the name of the file
 * and the reason, when that is nothing.
 */
export async function* decodeAudio(source: MediaSource, { rate }: DecodeAudioOptions): AsyncGenerator<Float32Array> {
  let resampler: Resampler | undefined;
  let isHeard = false;
  for await (const { channelData, sampleRate } of decodePieces(source)) {
    if (sampleRate !== resampler?.from) {
      // Streams that were chained may have different rates.
      const rest = resampler?.flush();
      if (rest?.length) yield rest;
      resampler = new Resampler(sampleRate, rate);
    }
    isHeard = true;
    const piece = resampler.push(downmix(channelData));
    if (piece.length > 0) yield piece;
  }
  if (!isHeard) throw unreadable('sound', source, 'it holds no sound that can be decoded');
  const rest = resampler?.flush();
  if (rest?.length) yield rest;
}

/** The whole sound in one array, of at most `seconds`: for models that read a window of bounded length. */
export async function decodeStart(
  source: MediaSource,
  options: DecodeAudioOptions & { seconds: number },
): Promise<Float32Array> {
  const samples = new Float32Array(Math.ceil(options.seconds * options.rate));
  let length = 0;
  for await (const piece of decodeAudio(source, options)) {
    const part = piece.subarray(0, samples.length - length);
    samples.set(part, length);
    length += part.length;
    if (length === samples.length) break;
  }
  return samples.slice(0, length);
}

/** The pieces of a file as it stores them, none of them empty. */
async function* decodePieces(source: MediaSource): AsyncGenerator<DecodedPiece> {
  let decoder: AudioDecoder | undefined;
  let isHeard = false;
  let read = 0;
  try {
    for await (const bytes of readMediaPieces('sound', source)) {
      decoder ??= await decoderFor(source, bytes);
      for (let at = 0; at < bytes.length; at += STEP) {
        // A copy that is no Buffer: decoders keep the end of what they get, and align it by a `slice` that must copy.
        const piece = decoder.decode(new Uint8Array(bytes.subarray(at, at + STEP)));
        if (!hasSound(source, piece)) continue;
        isHeard = true;
        yield piece;
      }
      read += bytes.length;
      if (!isHeard && read >= SILENT_PREFIX)
        throw unreadable('sound', source, `there is no sound in its first ${read} bytes`);
    }
    const rest = decoder?.flush();
    if (rest !== undefined && hasSound(source, rest)) yield rest;
  } catch (error) {
    if (error instanceof NearfieldError) throw error;
    // What came before the damage is used.
    if (!isHeard)
      throw unreadable('sound', source, error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    decoder?.free();
  }
}

async function decoderFor(source: MediaSource, head: Uint8Array): Promise<AudioDecoder> {
  const format = audioFormat(head);
  if (format === undefined) throw unreadable('sound', source, describeHead(head));
  return openDecoder(format);
}

function hasSound(source: MediaSource, { channelData, sampleRate }: DecodedPiece): boolean {
  if (!channelData[0]?.length) return false;
  if (sampleRate >= LOWEST_RATE && sampleRate <= HIGHEST_RATE) return true;
  throw unreadable('sound', source, `its rate of ${sampleRate} samples a second is not one of sound`);
}
