import type { FrameFeatures } from './frame-features.js';
import { Moments } from './moments.js';
import {
  CEPSTRAL_COEFFICIENTS,
  FRAME_HOP,
  MEL_BANDS,
  ONSET_RISE,
  PAUSE_LEVEL,
  PITCH_CLASSES,
  RATE,
} from './specification.js';

/** Statistics over some frames of a sound. */
class FrameStatistics {
  readonly bands = new Moments(MEL_BANDS);
  readonly cepstrum = new Moments(CEPSTRAL_COEFFICIENTS);
  readonly shape = new Moments(5);
  readonly chroma = new Moments(PITCH_CLASSES);
  readonly level = new Moments(1);
  readonly #profile = new Float64Array(MEL_BANDS);

  add({ bands, cepstrum, shape, chroma, level }: FrameFeatures): void {
    // Without the mean of its bands, a frame has the same profile however loud it is.
    let mean = 0;
    for (let band = 0; band < MEL_BANDS; band++) mean += bands[band] / MEL_BANDS;
    for (let band = 0; band < MEL_BANDS; band++) this.#profile[band] = bands[band] - mean;
    this.bands.add(this.#profile);
    this.cepstrum.add(cepstrum);
    this.shape.add(shape);
    this.chroma.add(chroma);
    this.level.add([level]);
  }
}

/** What a sound is like over all its frames: takes them one by one, whatever their number. */
export class SoundStatistics {
  readonly #all = new FrameStatistics();
  readonly #heard = new FrameStatistics();
  readonly #deltas = new Moments(CEPSTRAL_COEFFICIENTS);
  readonly #rises = new Moments(1);
  /** Bands and cepstrum of the frame before, if there was one. */
  readonly #bandsBefore = new Float64Array(MEL_BANDS);
  readonly #cepstrumBefore = new Float64Array(CEPSTRAL_COEFFICIENTS);
  readonly #delta = new Float64Array(CEPSTRAL_COEFFICIENTS);
  /** Rises of the last two frames, for peaks. */
  #lastRises: readonly [number, number] = [0, 0];
  #onsets = 0;

  add(frame: FrameFeatures): void {
    this.#all.add(frame);
    if (frame.level >= PAUSE_LEVEL) this.#heard.add(frame);
    if (this.#all.level.count > 1) this.#addChange(frame);
    this.#bandsBefore.set(frame.bands);
    this.#cepstrumBefore.set(frame.cepstrum);
  }

  /** All features in the order of the groups, in their own units. There must have been a frame. */
  values(): Float64Array {
    const heard = this.#heard.level.count > 0 ? this.#heard : this.#all;
    const frames = this.#all.level.count;
    const seconds = (frames * FRAME_HOP) / RATE;
    return Float64Array.from([
      ...heard.bands.mean,
      ...heard.bands.deviation,
      ...heard.cepstrum.mean,
      ...heard.cepstrum.deviation,
      ...this.#deltas.rootMeanSquare,
      ...heard.shape.mean,
      ...heard.shape.deviation,
      ...heard.chroma.mean,
      ...this.#rises.mean,
      ...this.#rises.deviation,
      this.#onsets / seconds,
      ...heard.level.mean,
      ...heard.level.deviation,
      this.#heard.level.count / frames,
      Math.log2(seconds),
    ]);
  }

  #addChange({ bands, cepstrum }: FrameFeatures): void {
    for (let at = 0; at < cepstrum.length; at++) this.#delta[at] = cepstrum[at] - this.#cepstrumBefore[at];
    this.#deltas.add(this.#delta);
    this.#addRise(riseOf(this.#bandsBefore, bands));
  }

  /** Counts the rise of the frame before as an onset when it is a peak. */
  #addRise(rise: number): void {
    const [earlier, last] = this.#lastRises;
    if (last >= ONSET_RISE && last > earlier && last >= rise) this.#onsets++;
    this.#lastRises = [last, rise];
    this.#rises.add([rise]);
  }
}

/** Mean over the bands of what rose, in dB: spectral flux, half-wave rectified. */
function riseOf(before: Float64Array, now: Float64Array): number {
  let sum = 0;
  for (let band = 0; band < MEL_BANDS; band++) sum += Math.max(0, now[band] - before[band]);
  return sum / MEL_BANDS;
}
