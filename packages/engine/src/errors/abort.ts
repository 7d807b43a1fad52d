import { NearfieldError } from './nearfield-error.js';

/** Throws ABORTED (an error whose name is AbortError) when the signal has fired; its reason is the cause. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new NearfieldError('ABORTED', 'The operation was aborted', {}, { cause: signal.reason });
  }
}
