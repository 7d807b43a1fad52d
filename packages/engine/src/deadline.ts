import { joinedSignal } from './call-options.js';
import { NearfieldError, throwIfAborted } from './errors/index.js';

/** When a call began, and until when it may go on. */
export interface CallTime {
  /** By performance.now(). */
  readonly started: number;
  /** When its time is up, in milliseconds since the epoch, which all threads agree on; Infinity for never. */
  readonly deadline: number;
  /** The caller's own signal, and one that also fires when the time is up, with TIMEOUT for its reason. */
  readonly caller: AbortSignal | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Does `work` with a deadline `milliseconds` from now. */
export function within<T>(
  milliseconds: number,
  caller: AbortSignal | undefined,
  work: (time: CallTime) => Promise<T>,
): Promise<T> {
  const started = performance.now();
  if (milliseconds === Infinity) return work({ started, deadline: Infinity, caller, signal: caller });
  const controller = new AbortController();
  // Longer ones would overflow the timer; nobody waits for a month.
  const timer = setTimeout(() => controller.abort(timeoutError()), Math.min(milliseconds, 2 ** 31 - 1));
  const signal = joinedSignal([caller, controller.signal]);
  const time = { started, deadline: Date.now() + milliseconds, caller, signal };
  return work(time).finally(() => clearTimeout(timer));
}

/** What `work` gives; undefined where it fails once the time is up. Throws ABORTED when the caller has aborted. */
export async function unlessUp<T>(time: CallTime, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    throwIfAborted(time.caller);
    if (!isUp(time)) throw error;
    return undefined;
  }
}

/** Whether the time was up before the caller aborted, if that happened. */
export function isUp({ caller, signal }: CallTime): boolean {
  return signal?.aborted === true && caller?.aborted !== true;
}

/** What a search ends with whose time is up. */
export function timeoutError(): NearfieldError {
  return new NearfieldError('TIMEOUT', 'The time for the search was up');
}

/** The time that a query gives, if it is one: it has not been checked. */
export function timeoutOf(query: { readonly timeoutMs?: unknown } | undefined): number {
  const time = query?.timeoutMs;
  return Number.isSafeInteger(time) && (time as number) >= 1 ? (time as number) : Infinity;
}
