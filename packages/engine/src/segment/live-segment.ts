import type { CollectionState, CollectionStore, Commit, RemovedVersion } from '../store/index.js';
import type { MutableSegment } from './mutable-segment.js';
import { SegmentLoader } from './segment-loader.js';

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
      for (const space of this.store.spaces.values()) space.dictionary?.refresh();
      // Where nothing was removed, what is new follows what is here. What a removed version had is not in the file any
      // more, so that the indexes could not forget it: then they are built anew.
      const grown = state.removals === this.#state.removals;
      this.#current = await new SegmentLoader(this.store, grown ? this.#current : undefined).load();
      this.#state = state;
    }
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
