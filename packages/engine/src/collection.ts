import type { CollectionCore } from './collection-core.js';
import { timeoutOf, unlessUp, within, type CallTime } from './deadline.js';
import type { Encoded } from './encoder/encoder.js';
import { NearfieldError, describe, refuseUnknownKeys, throwIfAborted } from './errors/index.js';
import { withMatchingRows } from './execute/index.js';
import { parseFilter, type FilterOf } from './filter/index.js';
import type { Bitset } from './indexes/index.js';
import {
  findFacets,
  parseFacets,
  parseScan,
  scannedIds,
  type Facet,
  type FacetOptions,
  type ScanOptions,
  type SearchResult,
} from './hydrate/index.js';
import { batches, checkId, checkRecord, encodeRecords, type EncodedRecord, type RecordSource } from './ingest/index.js';
import type { QueryPlan, SearchAnalysis } from './plan/index.js';
import {
  checkCallOptions,
  checkIngestOptions,
  checkSignal,
  joinedSignal,
  wrongOption,
  type CallOptions,
  type IngestOptions,
  type SkippingResult,
  type WriteOptions,
  type WriteResult,
} from './call-options.js';
import { analyze } from './collection-analyze.js';
import { explain } from './collection-explain.js';
import { recordOf, recordsOf } from './collection-records.js';
import { search, searchMany, type ReadyQuery } from './collection-search.js';
import { encodeLegs, parseQuery, type ParsedQuery, type Query } from './query/index.js';
import {
  deepFreeze,
  isPlainObject,
  type CollectionSchema,
  type FacetValue,
  type FieldName,
  type RecordId,
  type RecordInput,
  type SchemaInput,
  type StoredRecord,
} from './schema/index.js';
import type { RecordTable } from './segment/index.js';
import { SkippedRecords } from './skipped-records.js';
import { collectionStats, type CollectionStats } from './stats.js';
import type { Deletes, RecordWrite, StoredVector, WriteMode } from './store/index.js';

const NOTHING: Deletes = { ids: [] };
/** Records that a scan reads in one turn of the event loop. */
const SCAN_PAGE = 64;
/** Queries of a batch that are parsed and encoded together. */
const READY_QUERIES = 128;

/** A query whose hits have no records. */
type IdsOnly<S extends SchemaInput> = Query<S> & { readonly select: readonly []; readonly vectors?: false };

/**
 * A set of records with one schema. Every call is refused after the database was closed (DATABASE_CLOSED). Writes are
 * durable when their promise resolves, and the next read sees them. Calls that run at the same time commit in the order
 * in which their encoding ends: await a write before one that depends on it.
 */
export class Collection<S extends SchemaInput = SchemaInput> {
  readonly #core: CollectionCore;

  /** @internal Collections are opened by Database.collection. */
  constructor(core: CollectionCore) {
    this.#core = core;
  }

  get name(): string {
    return this.#core.entry.name;
  }

  get schema(): CollectionSchema {
    return this.#core.schema;
  }

  /**
   * Inserts records, or replaces those whose ids exist. An array is one transaction: all of it or nothing; of records
   * with one id the last wins. Any other iterable is a stream that commits batch by batch.
   */
  upsert(
    records: RecordInput<S> | RecordSource<RecordInput<S>>,
    options: IngestOptions & { readonly onError: 'skip' },
  ): Promise<SkippingResult>;
  upsert(records: RecordInput<S> | RecordSource<RecordInput<S>>, options?: IngestOptions): Promise<WriteResult>;
  upsert(records: RecordInput<S> | RecordSource<RecordInput<S>>, options: IngestOptions = {}): Promise<WriteResult> {
    return this.#ingest(records, 'replace', options);
  }

  /** As upsert, but a record whose id exists is refused (ID_EXISTS), and its batch with it. */
  add(
    records: RecordInput<S> | RecordSource<RecordInput<S>>,
    options: IngestOptions & { readonly onError: 'skip' },
  ): Promise<SkippingResult>;
  add(records: RecordInput<S> | RecordSource<RecordInput<S>>, options?: IngestOptions): Promise<WriteResult>;
  add(records: RecordInput<S> | RecordSource<RecordInput<S>>, options: IngestOptions = {}): Promise<WriteResult> {
    return this.#ingest(records, 'insert', options);
  }

  /**
   * Changes some fields of a record: null removes a field, what is not named (or undefined) stays. Only the vectors made
   * from a changed field are encoded anew. Throws RECORD_NOT_FOUND.
   */
  async update(
    id: RecordId,
    changes: Partial<Omit<RecordInput<S>, 'id'>>,
    options: CallOptions = {},
  ): Promise<WriteResult> {
    checkCallOptions(options, ['signal'], 'update');
    checkId(id);
    if (!isPlainObject(changes)) {
      throw new NearfieldError('INVALID_RECORD', 'The changes are not a plain object', {
        record: id,
        received: describe(changes),
      });
    }
    if ('id' in changes)
      throw new NearfieldError('INVALID_ID', 'The id of a record cannot change', { record: id, field: 'id' });
    return this.#core.write(options.signal, () =>
      this.#core.inTurn(id, () => this.#update(id, changes, options.signal)),
    );
  }

  async #update(id: RecordId, changes: Record<string, unknown>, signal: AbortSignal | undefined): Promise<WriteResult> {
    const write = async (commit: CollectionCore['commit']) =>
      commit(NOTHING, [await this.#changed(id, changes, signal)], { signal });
    try {
      await write((...change) => this.#core.commit(...change));
    } catch (error) {
      if (!(error instanceof NearfieldError && error.code === 'WRITE_CONFLICT')) throw error;
      // An upsert of the same record came in between. More may wait: from here on they wait for this.
      await this.#core.inCommitTurn(write);
    }
    return { count: 1 };
  }

  /** Deletes records by id, or all that match a filter, in one transaction. Ids that do not exist are passed over. */
  async delete(
    target: RecordId | readonly RecordId[] | { readonly filter: FilterOf<S> },
    options: CallOptions = {},
  ): Promise<WriteResult> {
    checkCallOptions(options, ['signal'], 'delete');
    const { signal } = options;
    if (isPlainObject(target)) {
      refuseUnknownKeys(target, ['filter'], 'delete');
      if (target.filter === undefined)
        throw new NearfieldError('INVALID_FILTER', 'There is no filter', {
          remedy: 'Give ids or a filter; {} is all records.',
        });
      const filter = parseFilter(target.filter, this.#core.fieldTypes);
      const keysOf = ({ keys }: RecordTable, rows: Bitset) => Float64Array.from(rows.toArray(), (row) => keys.at(row));
      return this.#core.write(signal, () =>
        // In turn, or a write that is on its way could change whether a record matches.
        this.#core.inCommitTurn(async (commit) => {
          const keys = await withMatchingRows(filter, this.#core.live, keysOf, signal);
          return { count: (await commit({ keys }, [], { signal })).removed.length };
        }),
      );
    }
    const ids = (Array.isArray(target) ? target : [target]) as unknown[];
    for (const [i, id] of ids.entries()) checkId(id, Array.isArray(target) ? i : undefined);
    return this.#core.write(signal, async () => ({
      count: (await this.#core.commit({ ids: ids as RecordId[] }, [], { signal })).removed.length,
    }));
  }

  /** The record of an id, or undefined; for a list of ids, a list of the same length. */
  get(id: RecordId, options?: CallOptions & { vectors?: boolean }): Promise<StoredRecord<S> | undefined>;
  get(
    ids: readonly RecordId[],
    options?: CallOptions & { vectors?: boolean },
  ): Promise<(StoredRecord<S> | undefined)[]>;
  async get(
    target: RecordId | readonly RecordId[],
    options: CallOptions & { vectors?: boolean } = {},
  ): Promise<StoredRecord<S> | undefined | (StoredRecord<S> | undefined)[]> {
    checkCallOptions(options, ['signal', 'vectors'], 'get');
    const { vectors = false } = options;
    if (typeof vectors !== 'boolean') throw wrongOption('vectors', 'true or false', vectors);
    const ids = (Array.isArray(target) ? target : [target]) as RecordId[];
    for (const [i, id] of ids.entries()) checkId(id, Array.isArray(target) ? i : undefined);
    return this.#core.read(options.signal, async () => {
      const records = await recordsOf(this.#core, ids, { select: undefined, vectors }, options.signal);
      return (Array.isArray(target) ? records : records[0]) as StoredRecord<S> | (StoredRecord<S> | undefined)[];
    });
  }

  /** How many records there are, or match a filter. */
  async count(filter?: FilterOf<S>, options: CallOptions = {}): Promise<number> {
    checkCallOptions(options, ['signal'], 'count');
    const parsed = parseFilter(filter, this.#core.fieldTypes);
    const { live } = this.#core;
    const { signal } = options;
    return this.#core.read(signal, () => withMatchingRows(parsed, live, (_table, rows) => rows.count(), signal));
  }

  /**
   * The most frequent values of a keyword, keyword[], boolean, integer or datetime field, with the number of records that
   * have each; ties by value. A record counts once for each distinct element of a list. A field with `index: false` is
   * read from every record that matches.
   */
  async facets<Name extends FieldName<S>>(
    field: Name,
    options: FacetOptions<FilterOf<S>> = {},
  ): Promise<Facet<FacetValue<S, Name>>[]> {
    const { schema, fieldTypes, live } = this.#core;
    const parsed = parseFacets(field, options, schema, fieldTypes);
    checkSignal(options.signal);
    const found = await this.#core.read(options.signal, () => findFacets(parsed, live, options.signal));
    return found as Facet<FacetValue<S, Name>>[];
  }

  /**
   * Records one after the other, by id or in the order of a field. Every record that matches from beginning to end comes
   * exactly once; one that is written or deleted meanwhile may come or not, and comes in its latest version.
   */
  async *scan(options: ScanOptions<FieldName<S>, FilterOf<S>> = {}): AsyncGenerator<StoredRecord<S>, void, undefined> {
    const scan = parseScan(options, this.#core.schema, this.#core.fieldTypes);
    const { signal } = options;
    const ids = await this.#core.read(signal, () => scannedIds(scan, this.#core.live, signal));
    for (let i = 0; i < ids.length; i += SCAN_PAGE) {
      const page = await this.#core.run(signal, async () =>
        ids.slice(i, i + SCAN_PAGE).map((id) => recordOf(this.#core, id, scan)),
      );
      for (const record of page) if (record !== undefined) yield record as StoredRecord<S>;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The best records for a query; with `select: []` their ids and scores alone. */
  search(query: IdsOnly<S>, options?: CallOptions): Promise<SearchResult<undefined>>;
  search(query: Query<S>, options?: CallOptions): Promise<SearchResult<StoredRecord<S>>>;
  async search(query: Query<S>, options: CallOptions = {}): Promise<SearchResult<never>> {
    const [result] = await this.#core.searches.during(() => this.#searchAll([query], options));
    return result as SearchResult<never>;
  }

  /** Many searches at once, their texts encoded together; results in the order of the queries. */
  async searchBatch(queries: readonly Query<S>[], options: CallOptions = {}): Promise<SearchResult<StoredRecord<S>>[]> {
    if (!Array.isArray(queries))
      throw new NearfieldError('INVALID_QUERY', 'A batch is an array of queries', { received: describe(queries) });
    return this.#searchAll(queries, options);
  }

  /**
   * The plan of a query. Neither it nor its filter is run, and no model is loaded: how many records pass is estimated, from
   * column indexes, and from a sample of at most a few thousand records where that decides which way is taken.
   */
  async explain(query: Query<S>, options: CallOptions = {}): Promise<QueryPlan> {
    checkCallOptions(options, ['signal'], 'explain');
    return this.#core.read(options.signal, async () => {
      const parsed = await this.#parse(query);
      // Those of searches are not frozen: it would take a tenth of the time of a short one.
      return deepFreeze(await explain(this.#core, parsed, await this.#weights(parsed), options.signal));
    });
  }

  /**
   * Runs a query and the exact one beside it: the plan, what each part of it came to, and the recall that was reached. Takes as
   * long as both, for which together `timeoutMs` holds; the second has no partial answer.
   */
  async analyze(query: Query<S>, options: CallOptions = {}): Promise<SearchAnalysis> {
    checkCallOptions(options, ['signal'], 'analyze');
    return this.#within([query], options, (time) =>
      this.#core.read(time.signal, async () => {
        const [ready] = await this.#makeReady([query], time);
        return deepFreeze(await analyze(this.#core, ready));
      }),
    );
  }

  /** Counts and sizes. */
  async stats(options: CallOptions = {}): Promise<CollectionStats> {
    checkCallOptions(options, ['signal'], 'stats');
    return this.#core.read(options.signal, async () => collectionStats(this.#core));
  }

  async #ingest(input: unknown, mode: WriteMode, options: IngestOptions): Promise<WriteResult> {
    checkIngestOptions(options, mode === 'insert' ? 'add' : 'upsert');
    const skipped = options.onError === 'skip' ? new SkippedRecords(options.onSkip) : undefined;
    const isStream = !Array.isArray(input) && isIterable(input);
    const count = isStream
      ? await this.#writeStream(input, mode, options, skipped)
      : await this.#writeBatch(Array.isArray(input) ? input : [input], mode, options, skipped);
    return skipped?.result(count) ?? { count };
  }

  /** The write path: check, encode, commit to the store, show in the segment. Returns the number of records. */
  async #writeBatch(
    records: readonly unknown[],
    mode: WriteMode,
    options: WriteOptions,
    skipped: SkippedRecords | undefined,
  ): Promise<number> {
    return this.#core.write(options.signal, async () => {
      const checked = await this.#core.check(records, 0, skipped);
      const encoded = await this.#core.encode(checked, options, skipped);
      await this.#core.commit(NOTHING, encoded, { mode, signal: options.signal });
      options.onProgress?.({ done: encoded.length, total: encoded.length, phase: 'commit' });
      return encoded.length;
    });
  }

  /** As a batch, over and over: while one commits, the next is encoded and the one after that is read. */
  async #writeStream(
    source: Iterable<unknown> | AsyncIterable<unknown>,
    mode: WriteMode,
    { signal, onProgress }: WriteOptions,
    skipped: SkippedRecords | undefined,
  ): Promise<number> {
    let count = 0;
    let taken = 0;
    let ahead: Promise<EncodedRecord[]> | undefined;
    let committing: Promise<void> | undefined;
    const commit = async (encoding: Promise<EncodedRecord[]>) => {
      const encoded = await encoding;
      await this.#core.write(signal, () => this.#core.commit(NOTHING, encoded, { mode, signal }));
      count += encoded.length;
      onProgress?.({ done: count, phase: 'commit' });
    };
    for await (const batch of batches(source, signal)) {
      const first = taken;
      taken += batch.length;
      const encoding = this.#core.write(signal, async () =>
        this.#core.encode(await this.#core.check(batch, first, skipped), { signal }, skipped),
      );
      // Both are awaited in their turn; until then a failure must not count as unhandled.
      encoding.catch(() => undefined);
      await committing;
      committing = ahead === undefined ? undefined : commit(ahead);
      committing?.catch(() => undefined);
      ahead = encoding;
    }
    await committing;
    if (ahead !== undefined) await commit(ahead);
    return count;
  }

  /** The record as it will be after an update, with the version that it replaces. */
  async #changed(
    id: RecordId,
    changes: Record<string, unknown>,
    signal: AbortSignal | undefined,
  ): Promise<RecordWrite> {
    const { store, schema } = this.#core;
    const key = store.keyOf(id);
    const payload = key === undefined ? undefined : store.payload(key);
    if (key === undefined || payload === undefined) {
      throw new NearfieldError('RECORD_NOT_FOUND', `There is no record ${JSON.stringify(id)} to update`, {
        record: id,
      });
    }
    const { vectors: changedVectors, ...named } = changes;
    const fields = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
    const checked = checkRecord({ ...payload, ...fields, id, vectors: changedVectors }, schema, 0);
    const removed = isPlainObject(changedVectors)
      ? Object.keys(changedVectors).filter((name) => changedVectors[name] === null)
      : [];
    const stale = new Set(
      Object.entries(schema.vectors)
        .filter(([, vector]) => vector.kind === 'encoded' && vector.from.some((field) => Object.hasOwn(fields, field)))
        .map(([name]) => name),
    );
    const [encoded] = await encodeRecords([checked], schema, this.#encoderOf, { signal, only: stale });
    throwIfAborted(signal);
    const vectors = new Map<string, Encoded | StoredVector>(encoded.vectors);
    const passages = new Map(encoded.passages);
    for (const name of store.spaces.keys()) {
      if (vectors.has(name) || stale.has(name) || removed.includes(name)) continue;
      const kept = store.vector(name, key);
      if (kept === undefined) continue;
      vectors.set(name, kept);
      const spans = store.passages(name, key);
      if (spans !== undefined) passages.set(name, spans);
    }
    return { id, payload: encoded.payload, vectors, passages, replaces: key };
  }

  #parse(query: Query<S>): Promise<ParsedQuery> {
    const { schema, fieldTypes, entry } = this.#core;
    return parseQuery(query, {
      schema,
      fieldTypes,
      limits: this.#core.limits,
      spaces: entry.spaces,
      textVectors: () => this.#textVectors(),
    });
  }

  /** The read path: parse, encode, then as in collection-search.ts. Of a batch, while others are being searched. */
  async #searchAll(queries: readonly Query<S>[], options: CallOptions): Promise<SearchResult<StoredRecord<S>>[]> {
    checkCallOptions(options, ['signal'], 'search');
    return this.#within(queries, options, (time) => this.#searchReady(queries, time));
  }

  /** Gives queries the time that they and the database allow. */
  #within<T>(queries: readonly Query<S>[], options: CallOptions, work: (time: CallTime) => Promise<T>): Promise<T> {
    const limit = Math.min(this.#core.limits.timeoutMs, ...queries.map(timeoutOf));
    return within(limit, joinedSignal([options.signal, ...queries.map((query) => query?.signal)]), work);
  }

  #searchReady(queries: readonly Query<S>[], time: CallTime): Promise<SearchResult<StoredRecord<S>>[]> {
    return this.#core.read(time.signal, async () => {
      if (queries.length === 1) {
        const [ready] = await this.#makeReady(queries, time);
        return [(await search(this.#core, ready)) as SearchResult<StoredRecord<S>>];
      }
      let [slice, ready]: [number, ReadyQuery[]] = [-1, []];
      // Asked for in order, one after the other.
      const readyAt = async (place: number) => {
        if (Math.floor(place / READY_QUERIES) !== slice) {
          slice = Math.floor(place / READY_QUERIES);
          const from = slice * READY_QUERIES;
          ready = await this.#makeReady(queries.slice(from, from + READY_QUERIES), time, place > 0);
        }
        return ready[place % READY_QUERIES];
      };
      return (await searchMany(this.#core, queries.length, readyAt)) as SearchResult<StoredRecord<S>>[];
    });
  }

  /** Parses queries, and encodes their inputs together; with `partial` not those of a batch that has begun, when the time is up. */
  async #makeReady(queries: readonly Query<S>[], time: CallTime, begun = false): Promise<ReadyQuery[]> {
    const parsed = await Promise.all(queries.map((query) => this.#parse(query)));
    const encoding = encodeLegs(parsed, this.#core.store, this.#encoderOf, time.signal);
    const vectors = begun && parsed.every(({ partial }) => partial) ? await unlessUp(time, encoding) : await encoding;
    const ready: ReadyQuery[] = [];
    for (const [i, query] of parsed.entries()) {
      const unencoded = vectors === undefined;
      ready.push({ query, vectors: vectors?.[i] ?? [], unencoded, weights: await this.#weights(query), time });
    }
    return ready;
  }

  /** The legs' weights: the caller's, or the retrieval strength that the leg's encoder declares. */
  #weights(query: ParsedQuery): Promise<number[]> {
    return Promise.all(
      query.legs.map(async ({ vector, weight }) => {
        if (weight !== undefined) return weight;
        if (this.#core.schema.vectors[vector].kind === 'given') return 1;
        const encoder = await this.#encoderOf(vector).catch(() => undefined);
        return encoder?.strength ?? 1;
      }),
    );
  }

  async #textVectors(): Promise<string[]> {
    const names: string[] = [];
    for (const [name, vector] of Object.entries(this.#core.schema.vectors)) {
      if (vector.kind === 'encoded' && (await this.#encoderOf(name)).takes('text')) names.push(name);
    }
    return names;
  }

  readonly #encoderOf = (vector: string) => this.#core.encoders.get(vector);
}

function isIterable(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
}
