import { queueOptionsSymbol } from 'piscina';

interface Task {
  readonly [queueOptionsSymbol]: object | null;
}

/** Marks a task that goes before those that are not marked. */
export const URGENT = Object.freeze({ urgent: true });

/** Piscina's task queue in two lanes: a search that waits for its query comes before documents, which come in their order. */
export class UrgentFirstQueue {
  readonly #urgent: Task[] = [];
  readonly #others: Task[] = [];

  get size(): number {
    return this.#urgent.length + this.#others.length;
  }

  push(task: Task): void {
    this.#laneOf(task).push(task);
  }

  shift(): Task | null {
    return this.#urgent.shift() ?? this.#others.shift() ?? null;
  }

  remove(task: Task): void {
    const lane = this.#laneOf(task);
    const at = lane.indexOf(task);
    if (at >= 0) lane.splice(at, 1);
  }

  #laneOf(task: Task): Task[] {
    return task[queueOptionsSymbol] === URGENT ? this.#urgent : this.#others;
  }
}
