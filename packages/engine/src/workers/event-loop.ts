/** The longest that work holds the event loop in a row, in milliseconds. */
const TURN_MS = 4;

let turned = performance.now();

/** Whether this thread's work has held the event loop for long enough, as far as is known here. */
export function isTurnDue(): boolean {
  return performance.now() - turned >= TURN_MS;
}

/** Lets timers, I/O and other calls run. */
export async function turnEventLoop(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  turned = performance.now();
}

/** Lets others run if it is due. Everything counts, whosever work it was: short pieces of many calls add up. */
export async function giveWay(): Promise<void> {
  if (isTurnDue()) await turnEventLoop();
}
