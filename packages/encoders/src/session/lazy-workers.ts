import { NearfieldError, throwIfAborted } from '@nearfield/engine/encoder';
import type { SessionWorkers } from './session-workers.js';

/** Workers whose files have to be fetched first: started with the first call, ended by `close`, and started anew. */
export class LazyWorkers<Task extends object> {
  readonly #calls = new Set<Promise<unknown>>();
  #workers: Promise<SessionWorkers<Task>> | undefined;

  constructor(private readonly start: () => Promise<SessionWorkers<Task>>) {}

  /**
   * Does some work with the workers, which stay until it has ended. Throws ABORTED, as soon as the signal fires, and what
   * `start` throws; the next call then tries again.
   */
  async during<T>(signal: AbortSignal | undefined, work: (workers: SessionWorkers<Task>) => Promise<T>): Promise<T> {
    const workers = (this.#workers ??= this.#started());
    const call = untilAborted(workers, signal).then(work);
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }

  /** Waits for the calls that run, then ends the threads. */
  async close(): Promise<void> {
    const workers = this.#workers;
    this.#workers = undefined;
    await Promise.allSettled(this.#calls);
    await workers?.then(
      (started) => started.close(),
      () => undefined,
    );
  }

  #started(): Promise<SessionWorkers<Task>> {
    const workers = this.start();
    workers.catch(() => {
      if (this.#workers === workers) this.#workers = undefined;
    });
    return workers;
  }
}

/** What is waited for goes on for others when one caller gives up. Throws ABORTED. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  throwIfAborted(signal);
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new NearfieldError('ABORTED', 'The operation was aborted', {}, { cause: signal.reason }));
  });
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
