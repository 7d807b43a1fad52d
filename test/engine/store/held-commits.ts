import { Worker } from 'node:worker_threads';
import type { Test } from 'tap';

/**
 * Stands between the threads that commit and the main thread, so that a test can look at what is between a commit in the
 * file and its news, or take the news away.
 */
export class HeldCommits {
  #held: (() => void)[] = [];
  #holding = false;
  #arrived: (() => void) | undefined;
  #thread: Worker | undefined;

  constructor(t: Test) {
    const { emit } = Worker.prototype;
    const hold = (thread: Worker, deliver: () => boolean): boolean => {
      if (!this.#holding) return deliver();
      this.#thread = thread;
      this.#held.push(deliver);
      this.#arrived?.();
      return true;
    };
    Worker.prototype.emit = function (this: Worker, event: string | symbol, ...values: unknown[]): boolean {
      const deliver = (): boolean => emit.call(this, event, ...values);
      return event === 'message' && isNews(values[0]) ? hold(this, deliver) : deliver();
    };
    t.teardown(() => {
      Worker.prototype.emit = emit;
    });
  }

  /** Runs `call` until its commit is in the file, and keeps the news back. */
  async during<T>(call: () => Promise<T>): Promise<Promise<T>[]> {
    this.#holding = true;
    const arrived = new Promise<void>((resolve) => (this.#arrived = resolve));
    const calling = call();
    calling.catch(() => undefined);
    await arrived;
    // In an array: a promise that an async function returns would be awaited.
    return [calling];
  }

  /** Delivers the news. */
  release(): void {
    this.#holding = false;
    for (const deliver of this.#held.splice(0)) deliver();
  }

  /** Ends the thread before it can say what it did. */
  async crash(): Promise<void> {
    this.#holding = false;
    this.#held = [];
    await this.#thread?.terminate();
  }
}

/** Other threads than that of commits send messages, too. */
function isNews(message: unknown): boolean {
  return (message as { kind?: unknown } | undefined)?.kind === 'settled';
}

/** Ends the next thread that is given a commit, before it begins. */
export function crashBeforeNextTask(): void {
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (this: Worker, ...sent: Parameters<Worker['postMessage']>) {
    if ((sent[0] as { kind?: unknown }).kind !== 'task') return postMessage.apply(this, sent);
    Worker.prototype.postMessage = postMessage;
    void this.terminate();
  };
}
