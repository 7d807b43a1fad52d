import { Worker, parentPort, workerData } from 'node:worker_threads';

type Message<Task> = { readonly kind: 'task'; readonly task: Task } | { readonly kind: 'close' };

/** What a task comes to, with the memory that goes over to the other thread. */
export interface Reply<Answer> {
  readonly answer: Answer;
  readonly transfer: ArrayBuffer[];
}

/** The thread ended with a task that it had not answered: whether the task was done is unknown. */
export class WorkerEnded extends Error {
  override readonly name = 'WorkerEnded';
}

/**
 * A thread that does one task at a time. It starts with the first task, keeps the process alive only while it works, and
 * is followed by another one when it crashes.
 */
export class CommitWorker<Task, Answer> {
  #thread: Worker | undefined;
  #waiting: { readonly resolve: (answer: Answer) => void; readonly reject: (error: unknown) => void } | undefined;

  /**
   * @param filename module that calls `serveTasks`
   * @param data plain data that the module gets
   */
  constructor(
    readonly filename: URL,
    readonly data: unknown,
  ) {}

  /** Does a task; the one before must have been settled. Throws WorkerEnded when the thread ends first. */
  async run(task: Task, transfer: ArrayBuffer[] = []): Promise<Answer> {
    this.#thread ??= this.#start();
    const thread = this.#thread;
    thread.ref();
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.#waiting = { resolve, reject };
        thread.postMessage({ kind: 'task', task } satisfies Message<Task>, transfer);
      });
    } finally {
      this.#waiting = undefined;
      thread.unref();
    }
  }

  /** Ends the thread behind its last task. A later task would start another one. */
  async close(): Promise<void> {
    const thread = this.#thread;
    if (thread === undefined) return;
    thread.ref();
    const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
    thread.postMessage({ kind: 'close' } satisfies Message<Task>);
    await ended;
  }

  #start(): Worker {
    // The module is plain JavaScript: loaders that the host process was started with would only slow its start.
    const thread = new Worker(this.filename, { workerData: this.data, execArgv: [] });
    let failure: unknown;
    thread.on('message', (answer: Answer) => this.#waiting?.resolve(answer));
    thread.on('messageerror', (error) => (failure = error));
    thread.on('error', (error) => (failure = error));
    // Not at 'error': what the thread holds, such as a lock, is released by now.
    thread.on('exit', (code) => {
      this.#thread = undefined;
      this.#waiting?.reject(new WorkerEnded(`The thread ended with code ${code}`, { cause: failure }));
    });
    return thread;
  }
}

/** Thread: does the tasks of a CommitWorker one after the other. An error that `run` throws ends the thread. */
export function serveTasks<Data, Task, Answer>(
  open: (data: Data) => { run(task: Task): Reply<Answer>; close(): void },
): void {
  const port = parentPort!;
  const { run, close } = open(workerData as Data);
  port.on('message', (message: Message<Task>) => {
    switch (message.kind) {
      case 'task': {
        const { answer, transfer } = run(message.task);
        port.postMessage(answer, transfer);
        return;
      }
      case 'close':
        close();
        port.close();
        return;
      default: {
        const other: never = message;
        throw new TypeError(`Unknown message ${JSON.stringify(other)}`);
      }
    }
  });
}
