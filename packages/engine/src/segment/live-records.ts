import type { RecordId } from '../schema/index.js';
import type { CollectionState, CollectionStore, Commit, RemovedVersion } from '../store/index.js';
import { Maintenance, type MaintenanceState } from './maintenance.js';
import { RecordLoader } from './record-loader.js';
import { RecordTable } from './record-table.js';
import type { SegmentContext } from './segment-context.js';
import { VectorLoader } from './vector-loader.js';
import { VectorSegments } from './vector-segments.js';
import { turnEventLoop } from '../workers/index.js';

/** Keys that a reader compares with the file in one turn of the event loop. */
const KEYS_PAGE = 4096;

/**
 * The records that a collection searches, kept equal to the store: commits of this process are applied as they happen, a
 * mostly dead table is rewritten and segments are sealed and merged in the background, and a read-only opener follows the
 * commits of the writer.
 */
export class LiveRecords {
  #current: RecordTable;
  /** What the table shows; only a read-only opener falls behind the file. */
  #state: CollectionState;
  /** While a rewrite loads: the versions removed since it began. */
  #removed: RemovedVersion[] | undefined;
  #rewriting: Promise<void> | undefined;
  #refreshing: Promise<void> | undefined;
  #failure: unknown;
  readonly #maintenance: Maintenance;

  private constructor(
    readonly store: CollectionStore,
    readonly context: SegmentContext,
    table: RecordTable,
    state: CollectionState,
  ) {
    this.#current = table;
    this.#state = state;
    this.#maintenance = new Maintenance(this, store, context);
  }

  static async open(store: CollectionStore, context: SegmentContext): Promise<LiveRecords> {
    const state = store.state();
    await store.loadTerms();
    const table = await loadTable(store, context);
    const live = new LiveRecords(store, context, table, state);
    if (!context.readOnly) live.#maintenance.begin();
    return live;
  }

  get current(): RecordTable {
    return this.#current;
  }

  /** The last commit that the table shows. */
  get commit(): number {
    return this.#state.commit;
  }

  /** A reader's catching up with the writer, if that is running: until it ends, the table may show a part of a commit. */
  get refreshing(): Promise<void> | undefined {
    return this.#refreshing;
  }

  /** The work in the background, and why it last failed, if it did. */
  get background(): MaintenanceState {
    const { running, failure } = this.#maintenance.state;
    return { running: running + (this.#rewriting === undefined ? 0 : 1), failure: this.#failure ?? failure };
  }

  apply(commit: Commit): void {
    this.#current.apply(commit);
    this.#state = { commit: commit.id, removals: this.#state.removals + commit.removed.length };
    // One by one: a commit may remove more versions than a call takes arguments.
    if (this.#removed !== undefined) for (const version of commit.removed) this.#removed.push(version);
    if (this.#current.mostlyDead) this.#rewriting ??= this.#rewrite();
    this.#maintenance.notify();
  }

  /** Seals, merges and rewrites all that is worth it, now. */
  async optimize(): Promise<void> {
    await this.#rewriting;
    if (this.#current.size < this.#current.rows) await (this.#rewriting ??= this.#rewrite());
    if (this.#failure !== undefined) throw this.#failure as Error;
    await this.#maintenance.optimize();
  }

  /** Ends the work in the background; what it would have done is left to the next opener. */
  async close(): Promise<void> {
    await this.#maintenance.close();
    await this.#rewriting;
    for (const segments of this.#current.dense.values()) segments.release();
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
      if (this.#current.mostlyDead || this.#newSegments()) {
        const old = this.#current;
        this.#current = await loadTable(this.store, this.context);
        for (const segments of old.dense.values()) segments.release();
      } else {
        if (state.removals !== this.#state.removals) await this.#forgetRemoved();
        await new RecordLoader(this.store, this.#current).follow();
      }
      this.#state = state;
    }
  }

  /** Whether the writer has sealed what is scanned here. */
  #newSegments(): boolean {
    for (const segments of this.#current.dense.values()) {
      const known = segments.view.sealed.map(({ id }) => id);
      const stored = this.store.segments(segments.space).list();
      if (stored.some((id) => !known.includes(id) && !segments.unusable.has(id))) return true;
    }
    return false;
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
      await turnEventLoop();
    }
    this.#current.forget(gone);
  }

  /** Loads the rows anew; the segments stay, and learn the rows' new numbers. */
  async #rewrite(): Promise<void> {
    this.#removed = [];
    try {
      const fresh = new RecordTable(this.store.entry);
      const loader = new RecordLoader(this.store, fresh);
      await loader.load();
      loader.catchUp();
      // What was deleted after its page was read.
      for (const version of this.#removed) fresh.remove(version);
      const old = this.#current;
      for (const segments of old.dense.values()) segments.renumber(old.keys, fresh.keys);
      fresh.dense = old.dense;
      this.#current = fresh;
      this.#failure = undefined;
    } catch (error) {
      // Nothing is lost: the old table goes on, and the next commit tries again.
      this.#failure = error;
    } finally {
      this.#removed = undefined;
      this.#rewriting = undefined;
    }
    if (this.#failure === undefined) this.#maintenance.tidy();
  }
}

async function loadTable(store: CollectionStore, context: SegmentContext): Promise<RecordTable> {
  const table = new RecordTable(store.entry);
  const loader = new RecordLoader(store, table);
  await loader.load();
  const dense = new Map<string, VectorSegments>();
  try {
    for (const space of store.entry.spaces) {
      if (space.kind !== 'dense') continue;
      const segments = new VectorSegments(space, context.limits.flatBytes, context.budget);
      dense.set(space.name, segments);
      await new VectorLoader(store, context, segments, table).load();
    }
    table.dense = dense;
    await loader.follow();
    return table;
  } catch (error) {
    for (const segments of dense.values()) segments.release();
    throw error;
  }
}
