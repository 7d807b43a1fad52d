import { isTurnDue, turnEventLoop } from '../workers/index.js';

/** Work that may pause wherever it yields, and comes to a value. */
export type Sliced<T> = Generator<undefined, T, undefined>;

/** Does the work in slices, between which the event loop turns. */
export async function inSlices<T>(work: Sliced<T>): Promise<T> {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
    if (isTurnDue()) await turnEventLoop();
  }
}

/** Does the work without a pause. */
export function atOnce<T>(work: Sliced<T>): T {
  for (let step = work.next(); ; step = work.next()) if (step.done === true) return step.value;
}
