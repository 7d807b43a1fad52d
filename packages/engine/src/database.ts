import type Sqlite from 'better-sqlite3';
import { checkCallOptions, type CallOptions, type WriteOptions } from './call-options.js';
import { CollectionCore } from './collection-core.js';
import { Collection } from './collection.js';
import { defaultRegistry } from './default-registry.js';
import type { EncoderRegistry } from './encoder/encoder.js';
import { NearfieldError, abortError, describe, refuseUnknownKeys, suggestion, throwIfAborted } from './errors/index.js';
import { EncoderBindings, givenEncoders, type GivenEncoders } from './ingest/index.js';
import { resolveLimits, type QueryLimits, type ResolvedLimits } from './query/index.js';
import { Operations } from './operations.js';
import { RecallChecks } from './recall-checks.js';
import {
  checkName,
  compareSchemas,
  isPlainObject,
  parseSchema,
  type CollectionSchema,
  type SchemaInput,
} from './schema/index.js';
import { LiveRecords, POLICY_LIMITS, openContext, type PolicyLimits, type SegmentContext } from './segment/index.js';
import {
  Catalog,
  CollectionStore,
  DatabaseFile,
  readMachines,
  type CatalogEntry,
  type Durability,
} from './store/index.js';

export interface OpenOptions {
  /** Read a database that another process may be writing. Default false. */
  readonly readOnly?: boolean;
  /** 'full' (default): a write is on the disk when it resolves. 'relaxed': the last writes may be lost with the power, never torn. */
  readonly durability?: Durability;
  /** Threads for background work, and as many for searches that take long. Default: as many as the machine runs at once. */
  readonly threads?: number;
  /**
   * Bytes that vector indexes may hold in memory. Beyond it full-precision vectors beside codes (`quantization`) stay in the
   * file, and what does not fit is refused with MEMORY_EXHAUSTED. Default: 60 % of the machine's memory.
   */
  readonly memoryBudget?: number;
  /** What queries may ask for and take. */
  readonly limits?: QueryLimits;
  /** Where encoders are found that a schema names. Default: @nearfield/encoders, loaded on first use. */
  readonly encoders?: EncoderRegistry;
  /**
   * Whether some of the approximate searches are compared with the exact answers while nothing else is to do, so that the recall
   * that is expected, and the effort that `minRecall` takes, are those of the queries that are asked. Default true.
   */
  readonly recallChecks?: boolean;
}

interface OpenCollection {
  readonly core: CollectionCore;
  readonly collection: Collection;
  readonly checks: RecallChecks | undefined;
}

/** Opens a database, and creates the file if there is none. ':memory:' keeps it in memory. */
export function open(path: string, options: OpenOptions = {}): Promise<Database> {
  return openWith(path, options, POLICY_LIMITS);
}

/** As `open`, with other limits for when segments are sealed and merged. */
export async function openWith(path: string, options: OpenOptions, limits: PolicyLimits): Promise<Database> {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new NearfieldError('INVALID_ARGUMENT', 'A database is opened by its path', { received: describe(path) });
  }
  const { durability = 'full', encoders, threads, memoryBudget } = checkOptions(options);
  const { readOnly = false, recallChecks = true } = options;
  checkFlag('readOnly', readOnly);
  checkFlag('recallChecks', recallChecks);
  if (durability !== 'full' && durability !== 'relaxed') {
    throw new NearfieldError('INVALID_ARGUMENT', 'Unknown `durability`', {
      received: describe(durability),
      remedy: suggestion(String(durability), ['full', 'relaxed']),
    });
  }
  if (threads !== undefined) checkWhole('threads', threads, 1, MAX_THREADS);
  if (memoryBudget !== undefined) checkWhole('memoryBudget', memoryBudget, 1, Number.MAX_SAFE_INTEGER);
  const queryLimits = resolveLimits(options.limits);
  const file = DatabaseFile.open(path, { readOnly, durability });
  const machines = readMachines(file.reader);
  const context = openContext({ path: file.path, readOnly, threads, memoryBudget, limits, machines });
  return new Database(file, readOnly, encoders, context, queryLimits, recallChecks);
}

/** The most threads of a kind; each needs scratch space in every segment. */
const MAX_THREADS = 64;

function checkFlag(option: string, value: unknown): void {
  if (typeof value === 'boolean') return;
  throw new NearfieldError('INVALID_ARGUMENT', `\`${option}\` is true or false`, { received: describe(value) });
}

function checkWhole(option: string, value: unknown, least: number, most: number): void {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return;
  throw new NearfieldError('INVALID_ARGUMENT', `\`${option}\` is not in its range`, {
    field: option,
    expected: `an integer from ${least} to ${most}`,
    received: describe(value),
  });
}

function checkOptions(options: OpenOptions): OpenOptions {
  const given: unknown = options;
  if (!isPlainObject(given)) {
    throw new NearfieldError('INVALID_ARGUMENT', 'The options of open are not an object', {
      received: describe(given),
    });
  }
  refuseUnknownKeys(given, OPTIONS, 'open');
  return options;
}

const OPTIONS: readonly (keyof OpenOptions)[] = [
  'readOnly',
  'durability',
  'threads',
  'memoryBudget',
  'limits',
  'encoders',
  'recallChecks',
];

/** Calls that report their progress. */
const LONG_CALLS: readonly string[] = ['backup', 'optimize'];
/** Free pages of the file that are given back in one transaction. */
const SHRINK_PAGES = 2000;

/** An open database file. */
export class Database {
  readonly #file: DatabaseFile;
  readonly #catalog: Catalog;
  readonly #operations = new Operations();
  readonly #collections = new Map<string, Promise<OpenCollection>>();
  readonly #given: EncoderRegistry | undefined;
  #registry: Promise<EncoderRegistry> | undefined;
  #closing: Promise<void> | undefined;

  /** @internal Databases are opened by `open`. */
  constructor(
    file: DatabaseFile,
    readonly readOnly: boolean,
    encoders: EncoderRegistry | undefined,
    readonly context: SegmentContext,
    readonly limits: ResolvedLimits,
    readonly recallChecks: boolean,
  ) {
    this.#file = file;
    this.#catalog = new Catalog(file.sql);
    this.#given = encoders;
  }

  /** The absolute path of the file, or ':memory:'. */
  get path(): string {
    return this.#file.path;
  }

  /** The better-sqlite3 handle, for an app's own tables in the same file. Tables that begin with nf_ are Nearfield's. */
  get sql(): Sqlite.Database {
    this.#operations.check();
    return this.#file.sql;
  }

  /**
   * Opens a collection, and creates it when a schema is given and there is none. Throws COLLECTION_NOT_FOUND,
   * SCHEMA_MISMATCH when it exists with another schema, ENCODER_MISMATCH when its vectors were written by another encoder.
   */
  async collection<const S extends SchemaInput>(
    name: string,
    schema?: S,
    options: CallOptions = {},
  ): Promise<Collection<S>> {
    checkName(name, 'collection');
    const parsed = schema === undefined ? undefined : parseSchema(schema);
    const encoders = givenEncoders(schema);
    return this.#run('collection', options, async () => {
      const { core, collection } = await this.#opened(name, parsed, encoders);
      if (parsed !== undefined) {
        refuseDifferences(name, core.schema, parsed);
        await new EncoderBindings(parsed, encoders, this.#registryOf).verify(core.entry.spaces);
        core.encoders.adopt(encoders);
      }
      return collection as unknown as Collection<S>;
    });
  }

  /** The names of the collections, sorted. */
  async collections(options: CallOptions = {}): Promise<string[]> {
    return this.#run('collections', options, async () => this.#catalog.names());
  }

  /** Deletes a collection and all its records. Throws COLLECTION_NOT_FOUND. */
  async dropCollection(name: string, options: CallOptions = {}): Promise<void> {
    return this.#run('dropCollection', options, async () => {
      if (this.readOnly) throw new NearfieldError('READ_ONLY', 'The database was opened read-only');
      const open = await this.#collections.get(name)?.catch(() => undefined);
      this.#find(name);
      open?.core.drop();
      await open?.core.live.close();
      return this.#file.committer.inTurn(async () => {
        // Found anew: another call may have dropped it meanwhile.
        const entry = this.#find(name);
        try {
          this.#catalog.drop(entry);
        } catch (error) {
          open?.core.keep();
          throw error;
        }
        this.#collections.delete(name);
      });
    });
  }

  /**
   * Does all background work on indexes now: vectors are sealed in graphs, segments are merged, what is dead is dropped,
   * and free space of the file goes back to the file system. Reads and writes go on meanwhile.
   */
  async optimize(options: WriteOptions = {}): Promise<void> {
    const { signal, onProgress } = options;
    return this.#run('optimize', options, async () => {
      if (this.readOnly) throw new NearfieldError('READ_ONLY', 'The database was opened read-only');
      const names = this.#catalog.names();
      for (const [done, name] of names.entries()) {
        onProgress?.({ done, total: names.length, phase: 'optimize' });
        await this.#optimize(name, signal);
      }
      await this.#shrink(signal);
      onProgress?.({ done: names.length, total: names.length, phase: 'optimize' });
    });
  }

  async #optimize(name: string, signal: AbortSignal | undefined): Promise<void> {
    const { core } = await this.#opened(name, undefined, new Map());
    await abortable(core.live.optimize(), signal);
  }

  /** A little at a time, so that commits come in between. */
  async #shrink(signal: AbortSignal | undefined): Promise<void> {
    const { file, builder } = this.context;
    if (file === undefined) return;
    while ((await builder.shrink(file, SHRINK_PAGES)) > 0) throwIfAborted(signal);
  }

  /**
   * Writes a complete, consistent copy of the file to `path`, in place of what is there, while reads and writes go on.
   * Throws DATABASE_LOCKED when a writer has a database open at `path`.
   */
  async backup(path: string, options: WriteOptions = {}): Promise<void> {
    if (typeof path !== 'string' || path === '') {
      throw new NearfieldError('INVALID_ARGUMENT', 'A backup needs a path', { received: describe(path) });
    }
    const { signal, onProgress } = options;
    return this.#run('backup', options, () =>
      this.#file.backup(path, (done, total) => {
        throwIfAborted(signal);
        onProgress?.({ done, total, phase: 'backup' });
      }),
    );
  }

  /**
   * Waits for the calls in progress, then closes the file and the encoders that this database has loaded. Throws
   * DATABASE_LOCKED while a statement of the app runs on `sql`: end it and close again.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close().catch((error: unknown) => {
      this.#closing = undefined;
      throw error;
    });
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Runs a call: refused after close, and not begun once its signal has fired. */
  async #run<T>(where: string, options: WriteOptions, work: () => Promise<T>): Promise<T> {
    checkCallOptions(options, LONG_CALLS.includes(where) ? ['signal', 'onProgress'] : ['signal'], where);
    return this.#operations.run(async () => {
      throwIfAborted(options.signal);
      return work();
    });
  }

  async #close(): Promise<void> {
    await this.#operations.close();
    const { builder, searchers, calibration } = this.context;
    builder.cancel();
    await calibration.close();
    // All at once: what was cancelled in one that is not closed yet would begin anew.
    const openings = await Promise.all(Array.from(this.#collections.values(), (one) => one.catch(() => undefined)));
    await Promise.all(openings.flatMap((opening) => [opening?.core.live.close(), opening?.checks?.close()]));
    await Promise.all([builder.pool.close(), searchers.pool.close()]);
    await this.#file.close();
    await (await this.#registry?.catch(() => undefined))?.close();
  }

  /** The open collection of a name; one that is not is opened. */
  async #opened(name: string, schema: CollectionSchema | undefined, encoders: GivenEncoders): Promise<OpenCollection> {
    let opening = this.#collections.get(name);
    if (opening !== undefined && this.readOnly && (await this.#isStale(name, opening))) opening = undefined;
    if (opening === undefined) {
      this.#collections.set(name, (opening = this.#open(name, schema, encoders)));
      opening.catch(() => this.#collections.delete(name));
    }
    return opening;
  }

  async #open(name: string, schema: CollectionSchema | undefined, encoders: GivenEncoders): Promise<OpenCollection> {
    const known = this.#catalog.find(name);
    if (known === undefined && schema === undefined) throw this.#notFound(name);
    const bindings = new EncoderBindings(known?.schema ?? schema!, encoders, this.#registryOf);
    const entry = known ?? (await this.#create(name, schema!, bindings));
    if (schema !== undefined) refuseDifferences(name, entry.schema, schema);
    await bindings.verify(entry.spaces);
    const store = new CollectionStore(this.#file.reader, entry, this.#file.committer);
    const live = await LiveRecords.open(store, this.context);
    const core = new CollectionCore(entry, store, live, bindings, this.#operations, this.readOnly, this.limits);
    const checks = this.recallChecks ? new RecallChecks(core) : undefined;
    return { core, collection: new Collection(core), checks };
  }

  /** @internal The checks of a collection that is open. */
  async checksOf(name: string): Promise<RecallChecks | undefined> {
    return (await this.#collections.get(name))?.checks;
  }

  /** Whether the writer has dropped the collection that is open here, and perhaps created another of its name. */
  async #isStale(name: string, opening: Promise<OpenCollection>): Promise<boolean> {
    const { core } = await opening;
    return this.#catalog.find(name)?.id !== core.entry.id;
  }

  async #create(name: string, schema: CollectionSchema, bindings: EncoderBindings): Promise<CatalogEntry> {
    if (this.readOnly) throw new NearfieldError('READ_ONLY', `Collection ${name} cannot be created read-only`);
    const spaces = await bindings.describe();
    // Behind the commits that run, which hold the lock of the file and Nearfield's reads at the state before them.
    return this.#file.committer.inTurn(async () => this.#catalog.create(name, schema, spaces));
  }

  #find(name: string): CatalogEntry {
    const entry = this.#catalog.find(name);
    if (entry === undefined) throw this.#notFound(name);
    return entry;
  }

  #notFound(name: string): NearfieldError {
    return new NearfieldError('COLLECTION_NOT_FOUND', `There is no collection ${describe(name)}`, {
      remedy: `${suggestion(name, this.#catalog.names())} A schema creates it.`,
    });
  }

  readonly #registryOf = async (): Promise<EncoderRegistry> => {
    if (this.#given !== undefined) return this.#given;
    this.#registry ??= defaultRegistry();
    return this.#registry;
  };
}

function refuseDifferences(name: string, stored: CollectionSchema, given: CollectionSchema): void {
  const differences = compareSchemas(stored, given);
  if (differences.length === 0) return;
  throw new NearfieldError('SCHEMA_MISMATCH', `Collection ${name} has another schema: ${differences.join('; ')}`, {
    differences,
  });
}

/** What `work` comes to, or ABORTED as soon as the signal fires; the work goes on then, and nobody waits for it. */
async function abortable(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return work;
  throwIfAborted(signal);
  work.catch(() => undefined);
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(abortError(signal));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
