import type { SegmentsHand } from '../segment/index.js';
import { searchElsewhere, searchHere, type Execution } from './execute-plan.js';

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
  #waiting: Waiting[] = [];
  /** Searches that other threads have and have not answered. */
  #away = 0;
  #flushing = false;

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
      this.#waiting.push({ execution, resolve, reject });
      if (this.#flushing) return;
      this.#flushing = true;
      // Those that began in the same turn get here before the next one.
      setImmediate(() => {
        this.#flushing = false;
        this.#share(this.#waiting.splice(0));
      });
    });
  }

  #share(waiting: readonly Waiting[]): void {
    const threads = waiting[0].execution.scope.searchers.threads;
    const share = Math.floor(((waiting.length + this.#away) * (threads - 1)) / threads) - this.#away;
    let handed = Math.min(waiting.length, Math.max(0, share));
    let cost = 0;
    for (let i = waiting.length; i > handed; i--) {
      cost += waiting[i - 1].execution.plan.cost;
      if (cost > HERE_COST && i < waiting.length) handed = i;
    }
    if (handed > 0) void this.#handOver(waiting.slice(0, handed));
    for (const { execution, resolve, reject } of waiting.slice(handed)) {
      try {
        resolve(searchHere(execution));
      } catch (error) {
        reject(error);
      }
    }
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
