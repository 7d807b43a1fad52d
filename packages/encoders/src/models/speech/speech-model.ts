import { readFile } from 'node:fs/promises';
import type { MediaSource } from '@nearfield/engine/encoder';
import { decodeAudio } from '../../preprocess/audio/decode-audio.js';
import { Session } from '../../session/session.js';
import type { SpeechModelFiles } from './model-files.js';
import { SampleBlocks } from '../../preprocess/audio/sample-blocks.js';
import {
  BATCH_WINDOWS,
  BLOCK_WINDOWS,
  FRAME_HOP,
  FRAME_LENGTH,
  FULL_SCALE,
  MARGIN,
  MEL_BANDS,
  RATE,
  WINDOW_DIMENSIONS,
  WINDOW_FRAMES,
  WINDOW_HOP,
} from './specification.js';
import { WindowPooling } from './window-pooling.js';

export interface SpeechModelData extends SpeechModelFiles {
  readonly threads: number;
}

/** Samples that a number of consecutive windows read. */
function samplesOf(windows: number): number {
  return ((windows - 1) * WINDOW_HOP + WINDOW_FRAMES - 1) * FRAME_HOP + FRAME_LENGTH;
}

const HOP_SAMPLES = WINDOW_HOP * FRAME_HOP;
const WINDOW_VALUES = WINDOW_FRAMES * MEL_BANDS;

/** The log-mel and embedding models on ONNX Runtime, and the pooling over windows. */
export class SpeechModel {
  private constructor(
    private readonly melSpectrogram: Session,
    private readonly embedding: Session,
  ) {}

  static async load({ melSpectrogram, embedding, threads }: SpeechModelData): Promise<SpeechModel> {
    const open = async (path: string): Promise<Session> => Session.open(await readFile(path), { threads });
    return new SpeechModel(...(await Promise.all([open(melSpectrogram), open(embedding)])));
  }

  /** An embedding of length 192, or undefined once `isCancelled` says so. Throws UNREADABLE_MEDIA. */
  async embed(source: MediaSource, isCancelled: () => boolean): Promise<Float32Array | undefined> {
    const pooling = new WindowPooling(WINDOW_DIMENSIONS);
    const blocks = new SampleBlocks(samplesOf(BLOCK_WINDOWS), BLOCK_WINDOWS * HOP_SAMPLES);
    for await (const piece of withMargins(decodeAudio(source, { rate: RATE }))) {
      if (isCancelled()) return undefined;
      for (const block of blocks.append(piece)) {
        if (isCancelled()) return undefined;
        await this.#addWindows(block, BLOCK_WINDOWS, pooling);
      }
    }
    const rest = blocks.rest();
    const windows = Math.floor((rest.length - samplesOf(1)) / HOP_SAMPLES) + 1;
    if (windows > 0) await this.#addWindows(rest, windows, pooling);
    return pooling.result();
  }

  /** Pools consecutive windows over samples of full scale ±1. */
  async #addWindows(samples: Float32Array, windows: number, pooling: WindowPooling): Promise<void> {
    const scaled = samples.map((sample) => sample * FULL_SCALE);
    const [mel] = await this.melSpectrogram.run({ input: { shape: [1, scaled.length], data: scaled } });
    const bands = (mel.data as Float32Array).map((decibel) => decibel / 10 + 2);
    for (let first = 0; first < windows; first += BATCH_WINDOWS) {
      const count = Math.min(BATCH_WINDOWS, windows - first);
      const batch = new Float32Array(count * WINDOW_VALUES);
      for (let window = 0; window < count; window++) {
        const start = (first + window) * WINDOW_HOP * MEL_BANDS;
        batch.set(bands.subarray(start, start + WINDOW_VALUES), window * WINDOW_VALUES);
      }
      const shape = [count, WINDOW_FRAMES, MEL_BANDS, 1];
      const [embeddings] = await this.embedding.run({ input_1: { shape, data: batch } });
      pooling.add(embeddings.data as Float32Array);
    }
  }
}

/** A sound between two pieces of silence. */
async function* withMargins(sound: AsyncIterable<Float32Array>): AsyncGenerator<Float32Array> {
  const margin = new Float32Array(MARGIN);
  yield margin;
  yield* sound;
  yield margin;
}
