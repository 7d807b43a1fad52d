import { NearfieldError } from './errors/index.js';

/** The time that a call may take. */
export interface Deadline {
  /** Fires when the time is up, with TIMEOUT for its reason. */
  readonly signal: AbortSignal | undefined;
  /** When it is up, in milliseconds since the epoch, which all threads agree on; Infinity for never. */
  readonly at: number;
  /** Lets go of the timer. */
  readonly done: () => void;
}

const NEVER: Deadline = { signal: undefined, at: Infinity, done: () => undefined };

/** A deadline `milliseconds` from now. */
export function deadlineIn(milliseconds: number): Deadline {
  if (milliseconds === Infinity) return NEVER;
  const controller = new AbortController();
  // Longer ones would overflow the timer; nobody waits for a month.
  const timer = setTimeout(() => controller.abort(timeoutError()), Math.min(milliseconds, 2 ** 31 - 1));
  return { signal: controller.signal, at: Date.now() + milliseconds, done: () => clearTimeout(timer) };
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
