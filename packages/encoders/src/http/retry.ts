import { setTimeout as delay } from 'node:timers/promises';

/** How often and how patiently a request is repeated. */
export interface RetryPolicy {
  /** Repetitions after the first try that brought nothing: an integer, 0 for none. */
  readonly retries: number;
  /** Milliseconds before the first repetition; each further one waits twice as long. */
  readonly baseMs: number;
  /** The longest wait in milliseconds, also when the server asks for more. */
  readonly maxMs: number;
}

/** Request timeout, too many requests, and failures of the server or of a gateway (RFC 9110, section 15; RFC 6585). */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/**
 * Milliseconds to wait before repetition `attempt` (from 1), or undefined when there should be none: the repetitions
 * are used up, or the server asks for a longer wait than the policy allows. Without a wish of the server the wait
 * doubles each time and is cut by a random part of up to one half, so that clients that failed together do not come
 * back together (Brooker 2015, "Exponential Backoff And Jitter", equal jitter).
 */
export function retryDelay(
  attempt: number,
  policy: RetryPolicy,
  retryAfter?: string | null,
  random: () => number = Math.random,
): number | undefined {
  if (attempt > policy.retries) return undefined;
  const asked = retryAfterMs(retryAfter);
  if (asked !== undefined) return asked > policy.maxMs ? undefined : asked;
  const full = Math.min(policy.baseMs * 2 ** (attempt - 1), policy.maxMs);
  return full / 2 + (full / 2) * random();
}

/** A Retry-After header (RFC 9110, section 10.2.3) in milliseconds from now: seconds or a date. */
export function retryAfterMs(header: string | null | undefined, now: number = Date.now()): number | undefined {
  if (header === null || header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  const wait = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000;
  return Number.isNaN(wait) ? undefined : Math.max(wait, 0);
}

/** Waits; rejects with the reason of the signal as soon as it fires. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
