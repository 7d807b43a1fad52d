import { NearfieldError } from './errors/index.js';
import { translated } from './store/index.js';

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
    try {
      return await running;
    } catch (error) {
      throw translated(error);
    } finally {
      this.#running.delete(running);
    }
  }

  /** Refuses further calls and waits for those in progress, however they end. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}
