import type { RecordId } from '../schema/index.js';
import type { CollectionState, CollectionStore, Commit, RemovedVersion } from '../store/index.js';
import type { MutableSegment } from './mutable-segment.js';
import { SegmentLoader } from './segment-loader.js';

/** Keys that a reader compares with the file in one turn of the event loop. */
const KEYS_PAGE = 4096;

/**
 * The segment that a collection searches, kept equal to the store: commits of this process are applied as they happen,
 * a mostly dead segment is rewritten in the background, and a read-only opener follows the commits of the writer.
 */
export class LiveSegment {
  #current: MutableSegment;
  /** What the segment shows; only a read-only opener falls behind the file. */
  #state: CollectionState;
  /** While a rewrite loads: the versions removed since it began. */
  #removed: RemovedVersion[] | undefined;
  #rewriting: Promise<void> | undefined;
  #refreshing: Promise<void> | undefined;
  #failure: unknown;

  private constructor(
    readonly store: CollectionStore,
    segment: MutableSegment,
    state: CollectionState,
  ) {
    this.#current = segment;
    this.#state = state;
  }

  static async open(store: CollectionStore): Promise<LiveSegment> {
    const state = store.state();
    await store.loadTerms();
    return new LiveSegment(store, await new SegmentLoader(store).load(), state);
  }

  get current(): MutableSegment {
    return this.#current;
  }

  /** The rewrite that is running, if one is. */
  get rewriting(): Promise<void> | undefined {
    return this.#rewriting;
  }

  /** A reader's catching up with the writer, if that is running: until it ends, the segment may show a part of a commit. */
  get refreshing(): Promise<void> | undefined {
    return this.#refreshing;
  }

  /** Why the last rewrite failed, if it did. */
  get failure(): unknown {
    return this.#failure;
  }

  apply(commit: Commit): void {
    this.#current.apply(commit);
    // One by one: a commit may remove more versions than a call takes arguments.
    if (this.#removed !== undefined) for (const version of commit.removed) this.#removed.push(version);
    if (this.#current.mostlyDead) this.#rewriting ??= this.#rewrite();
  }

  /** Catches up with another process's commits; costs one small query when there are none. */
  refresh(): Promise<void> {
    // Calls that come in meanwhile share it: it ends with the last commit that there is then.
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #refresh(): Promise<void> {
    for (let state = this.store.state(); state.commit !== this.#state.commit; state = this.store.state()) {
      await this.store.loadTerms();
      if (state.removals !== this.#state.removals) await this.#forgetRemoved();
      const lacking = new SegmentLoader(this.store, this.#current.mostlyDead ? undefined : this.#current);
      this.#current = await lacking.load();
      this.#state = state;
    }
  }

  /** Marks the rows dead that the file has no more. What is removed while this runs is left to the next round. */
  async #forgetRemoved(): Promise<void> {
    const gone = this.#current.alive.clone();
    let last: RecordId | undefined;
    for (;;) {
      const page = this.store.keys(last, KEYS_PAGE);
      for (const [, key] of page) {
        const row = this.#current.keys.rowOf(key);
        if (row >= 0) gone.delete(row);
      }
      if (page.length < KEYS_PAGE) break;
      last = page[page.length - 1][0];
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#current.forget(gone);
  }

  async #rewrite(): Promise<void> {
    this.#removed = [];
    try {
      const loader = new SegmentLoader(this.store);
      await loader.load();
      const fresh = loader.catchUp();
      // What was deleted after its page was read.
      for (const version of this.#removed) fresh.remove(version);
      this.#current = fresh;
      this.#failure = undefined;
    } catch (error) {
      // Nothing is lost: the old segment goes on, and the next commit tries again.
      this.#failure = error;
    } finally {
      this.#removed = undefined;
      this.#rewriting = undefined;
    }
  }
}
