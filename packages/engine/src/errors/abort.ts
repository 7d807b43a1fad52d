import { NearfieldError } from './nearfield-error.js';

/** Throws ABORTED when the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal);
}

/** An error whose name is AbortError; the signal's reason is the cause. */
export function abortError(signal: AbortSignal): NearfieldError {
  return new NearfieldError('ABORTED', 'The operation was aborted', {}, { cause: signal.reason });
}
