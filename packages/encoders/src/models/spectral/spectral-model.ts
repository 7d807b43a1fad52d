import type { MediaSource } from '@nearfield/engine/encoder';
import { decodeAudio } from '../../preprocess/audio/decode-audio.js';
import { SampleBlocks } from '../../preprocess/audio/sample-blocks.js';
import { FrameAnalysis } from './frame-features.js';
import { normalise } from './normalise.js';
import { SoundStatistics } from './sound-statistics.js';
import { FRAME_HOP, FRAME_LENGTH, RATE } from './specification.js';

/** Features of sounds of any length. */
export class SpectralModel {
  readonly #analysis = new FrameAnalysis();

  /** An embedding of length 132, or undefined once `isCancelled` says so. Throws UNREADABLE_MEDIA. */
  async embed(source: MediaSource, isCancelled: () => boolean): Promise<Float32Array | undefined> {
    const values = await this.features(source, isCancelled);
    return values && normalise(values);
  }

  /** The features in their own units, before they are centred and weighted. */
  async features(source: MediaSource, isCancelled: () => boolean): Promise<Float64Array | undefined> {
    const statistics = new SoundStatistics();
    const frames = new SampleBlocks(FRAME_LENGTH, FRAME_HOP);
    let count = 0;
    for await (const piece of decodeAudio(source, { rate: RATE })) {
      if (isCancelled()) return undefined;
      for (const frame of frames.append(piece)) {
        statistics.add(this.#analysis.analyse(frame));
        count++;
      }
    }
    // A sound shorter than a frame is one, with silence behind it; else less than a hop is left over.
    if (count === 0) {
      const frame = new Float32Array(FRAME_LENGTH);
      frame.set(frames.rest());
      statistics.add(this.#analysis.analyse(frame));
    }
    return statistics.values();
  }
}
