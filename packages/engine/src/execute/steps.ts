import { throwIfAborted } from '../errors/index.js';
import type { Steps } from '../indexes/index.js';

/** The longest that steps hold the event loop, in milliseconds, before others run. */
const SLICE_MS = 4;

/** Does the work in slices of several steps, between which the event loop turns; throws ABORTED in between. */
export async function inSteps<Result>(work: Steps<Result>, signal?: AbortSignal): Promise<Result> {
  throwIfAborted(signal);
  let until = performance.now() + SLICE_MS;
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
    if (performance.now() < until) continue;
    await new Promise((resolve) => setImmediate(resolve));
    throwIfAborted(signal);
    until = performance.now() + SLICE_MS;
  }
}
