import { throwIfAborted } from '../errors/index.js';
import type { Steps } from '../indexes/index.js';
import { isTurnDue, turnEventLoop } from './event-loop.js';

/** Does the work in slices of several steps, between which the event loop turns; throws ABORTED in between. */
export async function inSteps<Result>(work: Steps<Result>, signal?: AbortSignal): Promise<Result> {
  throwIfAborted(signal);
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
    if (!isTurnDue()) continue;
    await turnEventLoop();
    throwIfAborted(signal);
  }
}

/** Does the work without a pause. */
export function atOnce<Result>(work: Steps<Result>): Result {
  for (let step = work.next(); ; step = work.next()) if (step.done === true) return step.value;
}
