import { NearfieldError } from './errors/index.js';
import { translated } from './store/index.js';
import { giveWay } from './workers/index.js';

/** Keeps count of the calls in progress, so that a database closes behind the last of them and refuses new ones. */
export class Operations {
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  check(): void {
    if (this.#closed) throw new NearfieldError('DATABASE_CLOSED', 'The database is closed');
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.check();
    const running = work();
    this.#running.add(running);
    let result: T;
    try {
      result = await running;
    } catch (error) {
      throw translated(error);
    } finally {
      this.#running.delete(running);
    }
    // SQLite answers at once: a loop over awaited calls would never leave the queue of microtasks, and timers, I/O and our
    // own work in the background would wait for its end.
    await giveWay();
    return result;
  }

  /** Refuses further calls and waits for those in progress, however they end. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}
