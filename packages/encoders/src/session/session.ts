import { InferenceSession, Tensor } from 'onnxruntime-node';
import { halfToFloat } from '../convert/weights.js';
import { toHalf } from './half-precision.js';

export interface SessionOptions {
  /** Threads that share one run. */
  readonly threads: number;
}

/** Values in row-major order. */
export interface SessionInput {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** 64-bit integers in row-major order, such as the ids of tokens. */
export interface LongInput {
  readonly shape: readonly number[];
  readonly data: BigInt64Array;
}

/** Booleans, a byte each. */
export interface FlagInput {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

export interface SessionOutput {
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array | Uint8Array;
}

/** An open ONNX model. `run` blocks the calling thread while it computes: use it in a worker. */
export class Session {
  /** Inputs of 16-bit floats, which are narrowed. */
  readonly #halves: ReadonlySet<string>;

  private constructor(private readonly inference: InferenceSession) {
    const halves = inference.inputMetadata.filter((input) => input.isTensor && input.type === 'float16');
    this.#halves = new Set(halves.map(({ name }) => name));
  }

  /**
   * Opens a model with every graph optimization. Only fatal messages are logged: failures are thrown.
   *
   * @param model its bytes, or the path of its file, beside which its external data is looked for
   */
  static async open(model: Uint8Array | string, { threads }: SessionOptions): Promise<Session> {
    const options: InferenceSession.SessionOptions = {
      graphOptimizationLevel: 'all',
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
      // By default idle threads of a session spin for a while after each run, and take the core from the event loop.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    };
    // The overloads for a path and for bytes are two.
    const opened =
      typeof model === 'string' ? InferenceSession.create(model, options) : InferenceSession.create(model, options);
    return new Session(await opened);
  }

  get inputNames(): readonly string[] {
    return this.inference.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.inference.outputNames;
  }

  /** The outputs in the order of the model. 16-bit floats are narrowed on the way in and widened on the way out. */
  async run(inputs: Readonly<Record<string, SessionInput | LongInput | FlagInput>>): Promise<SessionOutput[]> {
    const feeds = Object.entries(inputs).map(([name, { shape, data }]) => {
      const isHalf = this.#halves.has(name) && data instanceof Float32Array;
      return [name, isHalf ? new Tensor('float16', toHalf(data), shape) : tensor(shape, data)] as const;
    });
    const outputs = await this.inference.run(Object.fromEntries(feeds));
    return this.inference.outputNames.map((name) => {
      const { dims, data, type } = outputs[name] as Tensor;
      return { shape: dims, data: type === 'float16' ? widened(data) : (data as SessionOutput['data']) };
    });
  }

  async close(): Promise<void> {
    await this.inference.release();
  }
}

function tensor(shape: readonly number[], data: (SessionInput | LongInput | FlagInput)['data']): Tensor {
  if (data instanceof Float32Array) return new Tensor('float32', data, shape);
  if (data instanceof Int32Array) return new Tensor('int32', data, shape);
  if (data instanceof Uint8Array) return new Tensor('bool', data, shape);
  return new Tensor('int64', data, shape);
}

/** The runtime gives 16-bit floats as their bits, or as numbers where JavaScript has an array for them. */
function widened(data: Tensor['data']): Float32Array {
  return data instanceof Uint16Array ? Float32Array.from(data, halfToFloat) : Float32Array.from(data as Float32Array);
}
