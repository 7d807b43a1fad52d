import { NearfieldError, throwIfAborted, type ErrorCode } from '@nearfield/engine/encoder';
import { availableParallelism } from 'node:os';
import { Piscina, queueOptionsSymbol } from 'piscina';
import { RunGate } from './run-gate.js';
import { URGENT, UrgentFirstQueue } from './urgent-first-queue.js';

/** What a worker's default export answers to a task: a flat block of values, or why there is none. */
export type WorkerAnswer =
  | { readonly kind: 'values'; readonly values: Float32Array }
  | { readonly kind: 'cancelled' }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      /** Advice that comes after the message; default: that of the code. */
      readonly remedy?: string;
    };

/** What a worker answers when it cannot: an error itself loses its code on the way between threads. */
export function failedAnswer(error: unknown): WorkerAnswer {
  if (!(error instanceof NearfieldError)) {
    return { kind: 'failed', code: 'ENCODER_FAILED', message: error instanceof Error ? error.message : String(error) };
  }
  const { code, message, details } = error;
  const { remedy = '' } = details;
  return { kind: 'failed', code, message: message.replace(`. ${remedy}`, ''), remedy };
}

export interface RunOptions {
  /** Goes before tasks that are not urgent. */
  readonly urgent: boolean;
  readonly signal?: AbortSignal;
  /** Position of the input that the task is about, for the details of its errors. */
  readonly record?: number;
}

/** A task for the worker. It stops between batches when `cancelled[0]` is not 0. */
export type WorkerTask<Payload> = Payload & { readonly cancelled: Int32Array };

/** Every worker holds the model once more; beyond so many, the threads go into each run instead. */
const MAX_WORKERS = 4;

/**
 * Worker threads that hold a model each, because ONNX Runtime's `run` blocks the thread that calls it. On two cores, two
 * workers with one thread each encode 1.1 to 1.2 times as much as one worker whose session has two threads, and leave
 * more of the cores to the event loop. Threads start when there are tasks for them, do not keep the process alive, and
 * end with `close`.
 */
export class SessionWorkers<Payload extends object> {
  readonly #pool: Piscina<WorkerTask<Payload>, WorkerAnswer>;
  readonly #running = new Set<Promise<unknown>>();
  readonly #gate = new RunGate();
  /** Tasks that can run at the same time. */
  readonly width: number;

  /**
   * @param filename module whose default export is `(task: WorkerTask<Payload>) => Promise<WorkerAnswer>`
   * @param workerData plain data that the module needs to load its model; it gets `threads` for its session and
   *   `gate`, the memory of a RunGate to run in, besides
   * @param threads for all workers together
   * @param most workers, fewer for a model so large that it should not be held several times
   */
  constructor(
    private readonly encoder: string,
    filename: URL,
    workerData: object,
    threads: number = availableParallelism(),
    most: number = MAX_WORKERS,
  ) {
    this.width = Math.min(threads, most, MAX_WORKERS);
    this.#pool = new Piscina({
      filename: filename.href,
      workerData: { ...workerData, threads: Math.ceil(threads / this.width), gate: this.#gate.shared },
      // The worker is plain JavaScript: loaders that the host process was started with would only slow its start.
      execArgv: [],
      minThreads: 0,
      maxThreads: this.width,
      taskQueue: new UrgentFirstQueue(),
      idleTimeout: Number.POSITIVE_INFINITY,
    });
    this.#gate.guardExit();
  }

  /** Keeps the threads until `work`, which runs any number of tasks, has ended. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Runs one task. Throws ABORTED as soon as the signal fires, ENCODER_FAILED or the worker's own code. */
  async run(payload: Payload, { urgent, signal, record }: RunOptions): Promise<Float32Array> {
    throwIfAborted(signal);
    const cancelled = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const task = this.#pool.run({ ...payload, cancelled, [queueOptionsSymbol]: urgent ? URGENT : null });
    const answer = await raceAbort(this.#tracked(task), cancelled, signal);
    throwIfAborted(signal);
    return this.#unwrap(answer, record);
  }

  /** Waits for the work that runs, then ends the threads. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running);
    await this.#pool.destroy();
    this.#gate.forget();
  }

  /**
   * The task, which `close` waits for even when its caller was aborted: a thread that is ended within ONNX Runtime's
   * `run` takes the whole process with it.
   */
  #tracked<T>(task: Promise<T>): Promise<T> {
    this.#running.add(task);
    const settled = (): void => void this.#running.delete(task);
    task.then(settled, settled);
    return task;
  }

  #unwrap(answer: WorkerAnswer | Error | undefined, record: number | undefined): Float32Array {
    if (answer instanceof Error) {
      throw new NearfieldError('ENCODER_FAILED', `The worker of ${this.encoder} failed`, {}, { cause: answer });
    }
    switch (answer?.kind) {
      case 'values':
        return answer.values;
      case 'failed': {
        const { code, message, remedy } = answer;
        const details = { ...(remedy !== undefined && { remedy }), ...(record !== undefined && { record }) };
        const input = record === undefined ? '' : ` input ${record}`;
        const cause = new Error(message);
        // What cannot be read is no failure of the encoder, and its message names it.
        const what = code === 'UNREADABLE_MEDIA' ? message : `${this.encoder} could not encode${input}: ${message}`;
        throw new NearfieldError(code, what, details, { cause });
      }
      case 'cancelled':
      case undefined:
        throw new NearfieldError('ABORTED', 'The operation was aborted');
      default: {
        const other: never = answer;
        throw new NearfieldError('ENCODER_FAILED', `Unknown answer ${String(other)} of a worker`);
      }
    }
  }
}

/** The answer, the error that the worker threw, or undefined when the signal fires first. */
async function raceAbort(
  answer: Promise<WorkerAnswer>,
  cancelled: Int32Array,
  signal: AbortSignal | undefined,
): Promise<WorkerAnswer | Error | undefined> {
  let stop = (): void => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => {
      Atomics.store(cancelled, 0, 1);
      resolve(undefined);
    };
  });
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([answer, aborted]);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
