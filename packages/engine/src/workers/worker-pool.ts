import { Piscina, workerData } from 'piscina';

/** What a task came to, as plain data: errors lose their class on the way between threads. */
export type TaskAnswer<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly stack: string };

/** Threads that run the default export of one module. They start when there are tasks, and stay a while for the next ones. */
export class WorkerPool<Task extends object, Result> {
  #pool: Piscina<Task, TaskAnswer<Result>> | undefined;
  readonly #running = new Set<Promise<unknown>>();

  /**
   * @param filename module whose default export is `(task: Task) => TaskAnswer<Result> | Promise<TaskAnswer<Result>>`
   * @param threads the most that run at once
   * @param data what a thread gets when it starts: see `poolData`
   * @param idleMs a thread that had nothing to do for so long ends, and with it all that it remembers
   */
  constructor(
    readonly filename: URL,
    readonly threads: number,
    readonly data: () => unknown,
    readonly idleMs: number,
  ) {}

  /** Whether no task runs. */
  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  /** Runs a task on the next free thread. Throws a plain Error when the thread died. */
  async run(task: Task): Promise<TaskAnswer<Result>> {
    this.#pool ??= new Piscina<Task, TaskAnswer<Result>>({
      filename: this.filename.href,
      workerData: this.data(),
      // The module is plain JavaScript: loaders that the host process was started with would only slow its start.
      execArgv: [],
      minThreads: 0,
      maxThreads: this.threads,
      idleTimeout: this.idleMs,
    });
    const running = this.#pool.run(task);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Waits for the tasks that run, then ends the threads. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running);
    await this.#pool?.destroy();
    this.#pool = undefined;
  }
}

/** Thread: the data that its pool was made with. */
export function poolData<Data>(): Data {
  return workerData as Data;
}
