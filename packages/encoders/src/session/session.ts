import { InferenceSession, Tensor } from 'onnxruntime-node';

export interface SessionOptions {
  /** Threads that share one run. */
  readonly threads: number;
}

/** Values in row-major order. */
export interface SessionInput {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

export interface SessionOutput {
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array | Uint8Array;
}

/** An open ONNX model. `run` blocks the calling thread while it computes: use it in a worker. */
export class Session {
  private constructor(private readonly inference: InferenceSession) {}

  /** Opens a model with every graph optimization. Only fatal messages are logged: failures are thrown. */
  static async open(model: Uint8Array, { threads }: SessionOptions): Promise<Session> {
    const inference = await InferenceSession.create(model, {
      graphOptimizationLevel: 'all',
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
      // By default idle threads of a session spin for a while after each run, and take the core from the event loop.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    return new Session(inference);
  }

  /** The outputs in the order of the model. */
  async run(inputs: Readonly<Record<string, SessionInput>>): Promise<SessionOutput[]> {
    const feeds = Object.entries(inputs).map(([name, { shape, data }]) => [name, tensor(shape, data)] as const);
    const outputs = await this.inference.run(Object.fromEntries(feeds));
    return this.inference.outputNames.map((name) => {
      const { dims, data } = outputs[name] as Tensor;
      return { shape: dims, data: data as SessionOutput['data'] };
    });
  }

  async close(): Promise<void> {
    await this.inference.release();
  }
}

function tensor(shape: readonly number[], data: Float32Array | Int32Array): Tensor {
  return data instanceof Float32Array ? new Tensor('float32', data, shape) : new Tensor('int32', data, shape);
}
