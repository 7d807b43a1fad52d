/** Lets work that must not overlap run one after the other, in the order in which it came. */
export class CommitTurns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when all before it has ended, however it ended. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
