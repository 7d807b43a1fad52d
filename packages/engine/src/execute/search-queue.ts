import type { SegmentsHand } from '../segment/index.js';
import { pinned, searchElsewhere, searchHere, type Execution } from './execute-plan.js';

type Hands = ReadonlyMap<number, SegmentsHand>;

interface Waiting {
  readonly execution: Execution;
  readonly resolve: (hands: Hands) => void;
  readonly reject: (error: unknown) => void;
}

/** Searches that this thread does in a row take no longer than this together, in microseconds. */
const HERE_COST = 2000;

/**
 * Shares out searches that are under way at the same time. A search that is alone runs at once, on this thread: handing it
 * over would take longer than it gains. Of several, this thread takes its share and the other threads theirs.
 */
export class SearchQueue {
  #underWay = 0;
  readonly #waiting: Waiting[] = [];
  /** Searches that other threads have and have not answered. */
  #away = 0;
  #sharing = false;

  /** Counts a search as under way as long as `work` runs. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#underWay++;
    try {
      return await work();
    } finally {
      this.#underWay--;
    }
  }

  /** Answers what a short plan asks of the segments: at once when no other search is under way. */
  run(execution: Execution): Hands | Promise<Hands> {
    if (this.#underWay <= 1) return searchHere(execution);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ execution: pinned(execution), resolve, reject });
      this.#shareSoon();
    });
  }

  /** Those that began in the same turn of the event loop are there before the next one. */
  #shareSoon(): void {
    if (this.#sharing) return;
    this.#sharing = true;
    setImmediate(() => {
      this.#sharing = false;
      this.#share();
    });
  }

  #share(): void {
    const { threads } = this.#waiting[0].execution.scope.searchers;
    const helpers = threads - 1;
    const total = this.#waiting.length + this.#away;
    const handed = Math.min(this.#waiting.length, Math.max(0, Math.floor((total * helpers) / threads) - this.#away));
    const part = Math.ceil(handed / helpers);
    for (let left = handed; left > 0; left -= part) void this.#handOver(this.#waiting.splice(0, Math.min(part, left)));
    for (let cost = 0; this.#waiting.length > 0 && cost < HERE_COST; ) {
      const { execution, resolve, reject } = this.#waiting.shift()!;
      cost += execution.plan.cost;
      try {
        resolve(searchHere(execution));
      } catch (error) {
        reject(error);
      }
    }
    if (this.#waiting.length > 0) this.#shareSoon();
  }

  async #handOver(waiting: readonly Waiting[]): Promise<void> {
    this.#away += waiting.length;
    try {
      const hands = await searchElsewhere(waiting.map(({ execution }) => execution));
      for (const [i, { resolve }] of waiting.entries()) resolve(hands[i]);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    } finally {
      this.#away -= waiting.length;
    }
  }
}
