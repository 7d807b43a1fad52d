/** The longest that one slice holds the event loop, in milliseconds. */
const SLICE_MS = 4;

/** Work that may pause wherever it yields, and comes to a value. */
export type Sliced<T> = Generator<undefined, T, undefined>;

/** Does the work in slices, between which the event loop turns. */
export async function inSlices<T>(work: Sliced<T>): Promise<T> {
  let until = performance.now() + SLICE_MS;
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
    if (performance.now() < until) continue;
    await new Promise((resolve) => setImmediate(resolve));
    until = performance.now() + SLICE_MS;
  }
}

/** Does the work without a pause. */
export function atOnce<T>(work: Sliced<T>): T {
  for (let step = work.next(); ; step = work.next()) if (step.done === true) return step.value;
}
