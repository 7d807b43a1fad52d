/** What a task of a worker may hold: what goes to it at once is what a query may have to wait for. */
export interface TaskSize {
  /** Texts at most. */
  readonly texts: number;
  /** UTF-16 units that can matter, of all texts together, unless there is only one. */
  readonly length: number;
  /** UTF-16 units of a text that can matter. */
  readonly textLength: number;
}

/** Positions of texts, cut into tasks of bounded size. Texts of similar length go together, so that little is padded. */
export function* textTasks(texts: readonly string[], size: TaskSize): Generator<number[]> {
  const ordered = Array.from(texts.keys()).sort((a, b) => texts[a].length - texts[b].length);
  let task: number[] = [];
  let length = 0;
  for (const at of ordered) {
    const cost = Math.min(texts[at].length, size.textLength);
    if (task.length > 0 && (task.length === size.texts || length + cost > size.length)) {
      yield task;
      task = [];
      length = 0;
    }
    task.push(at);
    length += cost;
  }
  if (task.length > 0) yield task;
}
