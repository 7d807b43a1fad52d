import { availableParallelism } from 'node:os';
import { MAX_WHOLE_PIXELS } from './limits.js';

/** Decoding runs in libuv's pool, which has four threads unless the user says otherwise. */
const LANES = Math.min(availableParallelism(), 4);

/** An image holds at least its output and some rows. */
const LEAST_PIXELS = 1_000_000;

interface Waiting {
  readonly pixels: number;
  readonly start: () => void;
}

/**
 * Bounds what decoding holds in memory in this process: pixels of all images that are being decoded at the same time,
 * and their number. An image that alone needs the whole budget waits until it is alone.
 */
export class DecodeBudget {
  readonly #waiting: Waiting[] = [];
  #pixels = 0;
  #running = 0;

  constructor(
    private readonly most: number = MAX_WHOLE_PIXELS,
    private readonly lanes: number = LANES,
  ) {}

  /** Runs `work` as soon as `pixels` more fit, in the order of the calls. */
  async during<T>(pixels: number, work: () => Promise<T>): Promise<T> {
    const cost = Math.min(Math.max(pixels, LEAST_PIXELS), this.most);
    await new Promise<void>((start) => {
      this.#waiting.push({ pixels: cost, start });
      this.#startNext();
    });
    try {
      return await work();
    } finally {
      this.#pixels -= cost;
      this.#running -= 1;
      this.#startNext();
    }
  }

  #startNext(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#running === this.lanes || this.#pixels + next.pixels > this.most) return;
      this.#waiting.shift();
      this.#pixels += next.pixels;
      this.#running += 1;
      next.start();
    }
  }
}
