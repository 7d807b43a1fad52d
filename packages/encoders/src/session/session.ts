import { availableParallelism } from 'node:os';
import { InferenceSession } from 'onnxruntime-node';

export interface SessionOptions {
  /** Threads that share one run; default: the available cores. */
  readonly threads?: number;
}

/** Opens an ONNX model with every graph optimization. Only fatal messages are logged: failures are thrown. */
export function openSession(model: Uint8Array, { threads }: SessionOptions = {}): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads ?? availableParallelism(),
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
}
