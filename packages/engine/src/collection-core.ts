import { NearfieldError, throwIfAborted } from './errors/index.js';
import { SearchQueue } from './execute/index.js';
import {
  checkId,
  checkRecord,
  encodeRecords,
  lastOfEachId,
  type CheckedRecord,
  type EncodedRecord,
  type EncoderBindings,
} from './ingest/index.js';
import type { ResolvedLimits } from './query/index.js';
import type { Operations } from './operations.js';
import type { WriteOptions } from './call-options.js';
import {
  isPlainObject,
  type CollectionSchema,
  type FieldType,
  type FieldTypes,
  type RecordId,
} from './schema/index.js';
import { ObservedRecall } from './plan/index.js';
import { SampledSearches } from './sampled-searches.js';
import type { SkippedRecords } from './skipped-records.js';
import type { LiveRecords } from './segment/index.js';
import type {
  CatalogEntry,
  CollectionStore,
  Commit,
  Deletes,
  PackedWrites,
  RecordWrite,
  WriteMode,
} from './store/index.js';
import { giveWay, turnEventLoop } from './workers/index.js';

/** Records encoded between two reports of progress, and between two looks at the abort signal. */
const SLICE_RECORDS = 256;

/** Records checked between two looks at the clock, and the longest without a turn of the event loop, in milliseconds. */
const CHECK_RECORDS = 64;
const CHECK_MS = 4;

/** Times that a read-only opener repeats a read when the writer commits in between. */
export const READ_ATTEMPTS = 16;

export interface CommitOptions {
  /** Default 'replace'. */
  readonly mode?: WriteMode;
  readonly signal?: AbortSignal;
}

/** What the calls of a collection share: its tables, its segment, its encoders, and the rules of writing. */
export class CollectionCore {
  readonly fieldTypes: FieldTypes;
  readonly searches = new SearchQueue();
  readonly samples = new SampledSearches<object>();
  /** What exact checks found of the recall of each dense space. */
  readonly observed: ReadonlyMap<string, ObservedRecall>;
  readonly #turns = new Map<RecordId, Promise<unknown>>();
  #dropped = false;

  constructor(
    readonly entry: CatalogEntry,
    readonly store: CollectionStore,
    readonly live: LiveRecords,
    readonly encoders: EncoderBindings,
    readonly operations: Operations,
    readonly readOnly: boolean,
    readonly limits: ResolvedLimits,
  ) {
    const types: Record<string, FieldType> = {};
    for (const [name, field] of Object.entries(entry.schema.fields)) types[name] = field.type;
    this.fieldTypes = types;
    const dense = entry.spaces.filter(({ kind }) => kind === 'dense');
    this.observed = new Map(dense.map(({ name, id }) => [name, new ObservedRecall(store.observed(id))]));
  }

  get schema(): CollectionSchema {
    return this.entry.schema;
  }

  /** Runs a part of a call: refused after close, and once the collection was dropped. */
  run<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return this.operations.run(async () => {
      throwIfAborted(signal);
      this.#checkDropped();
      try {
        return await work();
      } catch (error) {
        // Dropped while the call ran: what SQLite says of tables that are no more is not the cause.
        this.#checkDropped();
        throw error;
      }
    });
  }

  /** Runs a read, on the latest commit. */
  read<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return this.run(signal, async () => {
      if (!this.readOnly) return work();
      for (let attempt = 1; ; attempt++) {
        await this.live.refresh();
        try {
          return await work();
        } catch (error) {
          const conflict = error instanceof NearfieldError && error.code === 'WRITE_CONFLICT';
          if (!conflict || attempt === READ_ATTEMPTS) throw error;
        }
      }
    });
  }

  /** Runs a write: refused by a read-only opener. */
  write<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return this.run(signal, async () => {
      if (this.readOnly) throw new NearfieldError('READ_ONLY', 'The database was opened read-only');
      return work();
    });
  }

  /** Runs `work` behind all earlier work on the same record that came through here. */
  async inTurn<T>(id: RecordId, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(id);
    const turn = before === undefined ? work() : before.then(work, work);
    this.#turns.set(id, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(id) === turn) this.#turns.delete(id);
    }
  }

  /**
   * Checks a batch whole, then keeps the last record of each id; `first` is its place in a stream. Changes nothing. The
   * event loop turns between slices. A record that is wrong is an error, unless `skipped` takes it.
   */
  async check(records: readonly unknown[], first = 0, skipped?: SkippedRecords): Promise<CheckedRecord[]> {
    const checked: CheckedRecord[] = [];
    // The clock starts now: a short array is checked whole, and its vectors copied, before its caller goes on.
    let started = performance.now();
    for (const [i, record] of records.entries()) {
      if (i % CHECK_RECORDS === 0 && performance.now() - started > CHECK_MS) {
        await turnEventLoop();
        started = performance.now();
      }
      try {
        checked.push(checkRecord(record, this.schema, first + i));
      } catch (error) {
        if (skipped === undefined || !(error instanceof NearfieldError)) throw error;
        skipped.add(idOf(record), first + i, error);
      }
    }
    return lastOfEachId(checked).map((i) => checked[i]);
  }

  /** Encodes in slices, with progress. A record that cannot be encoded is an error, unless `skipped` takes it. */
  async encode(
    records: readonly CheckedRecord[],
    { signal, onProgress }: WriteOptions,
    skipped?: SkippedRecords,
  ): Promise<EncodedRecord[]> {
    const encoded: EncodedRecord[] = [];
    for (let i = 0; i < records.length; i += SLICE_RECORDS) {
      const slice = records.slice(i, i + SLICE_RECORDS);
      const onFailure =
        skipped === undefined
          ? undefined
          : (at: number, error: NearfieldError) => skipped.add(slice[at].id, slice[at].position, error);
      const options = { signal, onFailure };
      encoded.push(...(await encodeRecords(slice, this.schema, (name) => this.encoders.get(name), options)));
      onProgress?.({ done: Math.min(i + SLICE_RECORDS, records.length), total: records.length, phase: 'encode' });
      await giveWay();
    }
    throwIfAborted(signal);
    return encoded;
  }

  /**
   * Commits behind all commits before, and shows the change to searches in the turn of the event loop in which reads of
   * the store begin to see it. An abort after the commit has begun does nothing.
   */
  commit(deletes: Deletes, writes: readonly RecordWrite[], options: CommitOptions = {}): Promise<Commit> {
    // Beside the commits before. It is awaited in turn; until then a failure of it must not count as unhandled.
    const packing = this.store.pack(writes);
    packing.catch(() => undefined);
    return this.store.committer.inTurn(async () => this.#commit(deletes, await packing, options));
  }

  /** Runs `work` behind all commits before; it commits by the function that it gets, and no other commit comes between. */
  inCommitTurn<T>(work: (commit: CollectionCore['commit']) => Promise<T>): Promise<T> {
    return this.store.committer.inTurn(() =>
      work(async (deletes, writes, options = {}) => this.#commit(deletes, await this.store.pack(writes), options)),
    );
  }

  async #commit(deletes: Deletes, writes: PackedWrites, { mode = 'replace', signal }: CommitOptions): Promise<Commit> {
    throwIfAborted(signal);
    this.#checkDropped();
    // In turn: the room stays free until the commit is shown, as no other takes it.
    this.live.current.reserve(writes.records);
    return this.store.commit(deletes, writes, mode, (commit) => this.live.apply(commit));
  }

  /** Keeps what was observed in the file. */
  async keepObserved(): Promise<void> {
    for (const { name, id } of this.entry.spaces) {
      const observed = this.observed.get(name);
      if (observed === undefined) continue;
      const kept = { space: id, observed: JSON.stringify(observed) };
      await this.store.committer.inTurn(() => this.store.committer.observe(kept));
    }
  }

  drop(): void {
    this.#dropped = true;
  }

  /** The collection could not be dropped. */
  keep(): void {
    this.#dropped = false;
  }

  #checkDropped(): void {
    if (this.#dropped) throw new NearfieldError('COLLECTION_NOT_FOUND', `Collection ${this.entry.name} was dropped`);
  }
}

/** The id of a record that is wrong, as far as it is one. */
function idOf(record: unknown): RecordId | undefined {
  const id = isPlainObject(record) ? record.id : undefined;
  try {
    checkId(id);
    return id;
  } catch {
    return undefined;
  }
}
