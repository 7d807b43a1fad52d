import { NearfieldError } from './nearfield-error.js';

/** Throws ABORTED when the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal);
}

/** An error whose name is AbortError; the signal's reason is the cause, or the error itself where it is ours. */
export function abortError(signal: AbortSignal): NearfieldError {
  if (signal.reason instanceof NearfieldError) return signal.reason;
  return new NearfieldError('ABORTED', 'The operation was aborted', {}, { cause: signal.reason });
}
