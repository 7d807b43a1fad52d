/** Zero crossings of the sinc function on each side of its centre: the wider, the steeper the filter. */
const ZERO_CROSSINGS = 32;

/** Shape of the Kaiser window: side lobes about 90 dB down. */
const BETA = 9;

/** The end of the pass band as a share of the lower Nyquist frequency, so that the stop band begins close to it. */
const ROLLOFF = 0.92;

/** A filter is made for each fraction of a sample that an output can fall on, as long as all have no more taps: 16 MiB. */
const MAX_TAPS = 1 << 22;

/** Filters of so many pairs of rates are kept: making them costs as much as resampling some seconds. */
const KEPT_BANKS = 8;

/**
 * Band-limited resampling of one channel in pieces: a windowed sinc as a polyphase filter (Smith, "Digital audio
 * resampling", 2002; Kaiser window). What lies above the lower Nyquist frequency is taken away. Output sample n stands for
 * the time n / `to`, without delay, and n input samples give ceil(n * to / from) in total. A ratio of rates that would take
 * too many filters is rounded: none of those in use, and none from up to 48 000 to 16 000 samples a second.
 */
export class Resampler {
  readonly #bank: FilterBank;
  /** Input that is still needed; its first sample has the index `#start`. */
  #kept: Float32Array;
  #start: number;
  #received = 0;
  #given = 0;
  /** Place of the next output in the input: `#index` + `#phase` / `#up`. */
  #index = 0;
  #phase = 0;

  /**
   * @param from samples a second of the input
   * @param to samples a second of the output
   */
  constructor(
    readonly from: number,
    readonly to: number,
  ) {
    this.#bank = bankOf(from, to);
    this.#kept = new Float32Array(this.#bank.reach);
    this.#start = -this.#bank.reach;
  }

  /** The output that these further input samples complete. */
  push(input: Float32Array): Float32Array {
    this.#received += input.length;
    if (this.from === this.to) return input;
    return this.#resample(input, Number.POSITIVE_INFINITY);
  }

  /** The rest of the output, as if silence followed. Nothing may be pushed afterwards. */
  flush(): Float32Array {
    if (this.from === this.to) return new Float32Array();
    const { up, down, reach } = this.#bank;
    const total = Math.ceil((this.#received * up) / down);
    return this.#resample(new Float32Array(reach + 1), total - this.#given);
  }

  #resample(input: Float32Array, most: number): Float32Array {
    const { up, down, reach, filters } = this.#bank;
    const samples = new Float32Array(this.#kept.length + input.length);
    samples.set(this.#kept);
    samples.set(input, this.#kept.length);
    const end = this.#start + samples.length - reach;
    const count = Math.max(0, Math.min(most, this.#outputsBefore(end)));
    const output = new Float32Array(count);
    const taps = 2 * reach;
    for (let n = 0; n < count; n++) {
      const from = this.#index - reach + 1 - this.#start;
      const filter = this.#phase * taps;
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) sum += filters[filter + tap] * samples[from + tap];
      output[n] = sum;
      this.#phase += down;
      this.#index += Math.floor(this.#phase / up);
      this.#phase %= up;
    }
    const used = Math.max(0, this.#index - reach + 1 - this.#start);
    this.#kept = samples.slice(used);
    this.#start += Math.min(used, samples.length);
    this.#given += count;
    return output;
  }

  /** Outputs from the next one on whose place lies before the input sample `end`. */
  #outputsBefore(end: number): number {
    const { up, down } = this.#bank;
    return Math.ceil(((end - this.#index) * up - this.#phase) / down);
  }
}

interface FilterBank {
  /** `down` input samples give `up` output samples, and an output can fall on `up` fractions of a sample. */
  readonly up: number;
  readonly down: number;
  /** Input samples that one output reads: `reach` before and as many after its place. */
  readonly reach: number;
  /** A low-pass filter for each fraction, one after the other, each of 2 * reach taps and of gain 1 at frequency 0. */
  readonly filters: Float32Array;
}

const banks = new Map<string, FilterBank>();

function bankOf(from: number, to: number): FilterBank {
  const key = `${from}:${to}`;
  const known = banks.get(key);
  if (known !== undefined) return known;
  const reach = Math.ceil((ZERO_CROSSINGS * Math.max(1, from / to)) / ROLLOFF);
  const [down, up] = fraction(from / to, Math.floor(MAX_TAPS / (2 * reach)));
  const filters = from === to ? new Float32Array() : makeFilters(up, reach, Math.min(1, to / from) * ROLLOFF);
  const bank = { up, down, reach, filters };
  if (banks.size === KEPT_BANKS) banks.clear();
  banks.set(key, bank);
  return bank;
}

/** The fraction [numerator, denominator] nearest to a positive number by continued fractions, denominator at most `limit`. */
function fraction(value: number, limit: number): [number, number] {
  let [numerator, denominator, lastNumerator, lastDenominator] = [1, 0, 0, 1];
  for (let rest = value; ; rest = 1 / (rest - Math.floor(rest))) {
    const whole = Math.floor(rest + 1e-9);
    const next = whole * denominator + lastDenominator;
    if (next > limit) break;
    [lastNumerator, numerator] = [numerator, whole * numerator + lastNumerator];
    [lastDenominator, denominator] = [denominator, next];
    if (Math.abs(numerator / denominator - value) < 1e-9 * value) break;
  }
  return [numerator, denominator];
}

/** @param cutoff as a share of the Nyquist frequency of the input */
function makeFilters(phases: number, reach: number, cutoff: number): Float32Array {
  const taps = 2 * reach;
  const filters = new Float32Array(phases * taps);
  const weights = new Float64Array(taps);
  for (let phase = 0; phase < phases; phase++) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const distance = tap - reach + 1 - phase / phases;
      weights[tap] = sinc(cutoff * distance) * kaiser(distance / reach);
      sum += weights[tap];
    }
    for (let tap = 0; tap < taps; tap++) filters[phase * taps + tap] = weights[tap] / sum;
  }
  return filters;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** @param x place in the window, -1 to 1 */
function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA);
}

/** Modified Bessel function of the first kind and order 0, by its power series. */
function bessel(x: number): number {
  let sum = 1;
  for (let term = 1, k = 1; term > sum * 1e-16; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
