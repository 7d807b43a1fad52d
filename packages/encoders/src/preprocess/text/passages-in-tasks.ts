import type { TextSpan } from '@nearfield/engine/encoder';
import { passagesInSteps } from './passages.js';

export interface CuttingTasks {
  /** The passages of some texts, cut in a worker. */
  readonly cut: (texts: readonly string[]) => Promise<TextSpan[][]>;
  /** Tasks at the same time. */
  readonly lanes: number;
  /** Whether a text surely fits the window, so that no worker need look at it. */
  readonly isShort: (text: string) => boolean;
  readonly signal?: AbortSignal;
}

/** UTF-16 units of short texts that go to a worker at once. */
const TASK_LENGTH = 8_000;

/** The passages of texts, cut by workers: short texts together, one of a book's length in steps. Throws ABORTED. */
export async function passagesInTasks(
  texts: readonly string[],
  { cut, lanes, isShort, signal }: CuttingTasks,
): Promise<TextSpan[][]> {
  const spans = texts.map((text) => [{ start: 0, end: text.length }]);
  const waiting = cutTasks(
    texts,
    Array.from(texts.keys()).filter((at) => !isShort(texts[at])),
  );
  const lane = async (): Promise<void> => {
    for (const positions of waiting) {
      const some = positions.map((at) => texts[at]);
      const found =
        some.length > 1
          ? await cut(some)
          : [await passagesInSteps(some[0], async (piece) => (await cut([piece]))[0], signal)];
      for (const [i, at] of positions.entries()) spans[at] = found[i];
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return spans;
}

/** Positions of texts to cut, some thousand UTF-16 units together; a longer text alone. */
function* cutTasks(texts: readonly string[], positions: readonly number[]): Generator<number[]> {
  let task: number[] = [];
  let length = 0;
  for (const at of positions) {
    if (task.length > 0 && length + texts[at].length > TASK_LENGTH) {
      yield task;
      task = [];
      length = 0;
    }
    task.push(at);
    length += texts[at].length;
  }
  if (task.length > 0) yield task;
}
