const STOPPING = 0;
const RUNNING = 1;

/** The longest that the end of a process waits for a run, in milliseconds; one batch takes a few. */
const PATIENCE_MS = 2000;

const open = new Set<RunGate>();
let listening = false;

/**
 * Keeps the end of the process (`process.exit`, an uncaught error) from ending a thread within ONNX Runtime, which would
 * abort the whole process: threads report what they run in shared memory, and the main thread waits for it at exit.
 */
export class RunGate {
  readonly #state: Int32Array;

  /** @param shared memory of the gate on the other side of the thread, from `shared` */
  constructor(shared = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)) {
    this.#state = new Int32Array(shared);
  }

  /** What a worker makes its side of the gate from. */
  get shared(): SharedArrayBuffer {
    return this.#state.buffer as SharedArrayBuffer;
  }

  /** Main thread: waits for this gate's runs when the process exits, until `forget`. */
  guardExit(): void {
    open.add(this);
    if (listening) return;
    listening = true;
    process.on('exit', () => {
      for (const gate of open) gate.#stop();
    });
  }

  forget(): void {
    open.delete(this);
  }

  /** Worker: whether to stop between batches. */
  get stopping(): boolean {
    return Atomics.load(this.#state, STOPPING) !== 0;
  }

  /** Worker: runs `work` unless the process is ending; then undefined. */
  async during<T>(work: () => Promise<T>): Promise<T | undefined> {
    // Counted before asking: the other side asks in the opposite order, so that one of the two sees the other.
    Atomics.add(this.#state, RUNNING, 1);
    try {
      return this.stopping ? undefined : await work();
    } finally {
      Atomics.sub(this.#state, RUNNING, 1);
      Atomics.notify(this.#state, RUNNING);
    }
  }

  #stop(): void {
    Atomics.store(this.#state, STOPPING, 1);
    const until = performance.now() + PATIENCE_MS;
    for (let left = PATIENCE_MS; left > 0; left = until - performance.now()) {
      const running = Atomics.load(this.#state, RUNNING);
      if (running === 0) return;
      Atomics.wait(this.#state, RUNNING, running, left);
    }
  }
}
