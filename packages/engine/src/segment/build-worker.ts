import Database from 'better-sqlite3';
import { adoptKernels, type CompiledKernels } from '../distance/index.js';
import { HnswIndex, connectUnreached, drawLevels } from '../indexes/index.js';
import { NearfieldError } from '../errors/index.js';
import { SegmentStore, VectorBlocks, keepMachine, translated, type KeyRun, type VectorBlock } from '../store/index.js';
import { poolData, runInBackground, type TaskAnswer } from '../workers/index.js';
import { buildGraph } from './build-graph.js';
import type { BuildResult, BuildTask, SegmentOptions, StoredIndex, VectorSource } from './build-task.js';
import { measureEffort } from './measure-effort.js';
import { measureMachine } from './measure-machine.js';

/** The longest that a write waits for another one's transaction, in milliseconds. */
const BUSY_MS = 60_000;
/** And what can be measured anew, which nobody is to wait for. */
const KEEPING_MS = 1000;
/** Pages of the write-ahead log from which on this thread brings it into the file. */
const CHECKPOINT_PAGES = 4000;
/** Vectors that a thread adds to a graph before it looks for more. */
const INSERT_SLICE = 64;
/**
 * hnswlib begins a graph with up to so many vectors, on one thread; all threads together add the others. What it saves must
 * be read in one piece, of 2 GiB at most.
 */
const BEGUN_VECTORS = 100_000;
const BEGUN_BYTES = 1024 ** 3;

type TaskOf<Kind extends BuildTask['kind']> = Extract<BuildTask, { kind: Kind }>;

/** SQLite's number of the mode in which a file can shrink a little at a time. */
const INCREMENTAL = 2;
const CANCELLED: BuildResult = { kind: 'cancelled' };

runInBackground();
adoptKernels(poolData<CompiledKernels>());

/** The thread's side of all background work on segments. */
export default async function perform(task: BuildTask): Promise<TaskAnswer<BuildResult>> {
  try {
    return { kind: 'done', result: await run(task) };
  } catch (error) {
    const { code, message, stack } = translated(error) as NearfieldError;
    return { kind: 'failed', code: code ?? 'STORAGE_FAILED', message: String(message), stack: String(stack) };
  }
}

function run(task: BuildTask): BuildResult | Promise<BuildResult> {
  switch (task.kind) {
    case 'build':
      return build(task);
    case 'insert':
      return insert(task);
    case 'finish':
      return finish(task);
    case 'publish':
      return publish(task);
    case 'shrink':
      return shrink(task);
    case 'pass':
      return { kind: 'passed' };
    case 'measure':
      return measure(task);
    default:
      return task satisfies never;
  }
}

function build({ options, base, sources, cancel }: TaskOf<'build'>): BuildResult {
  const added = sources.reduce((sum, source) => sum + source.keys.length, 0);
  const first = base?.keys.length ?? 0;
  const keys = new Float64Array(first + added);
  if (base !== undefined) keys.set(base.keys);
  let node = first;
  for (const source of sources) {
    keys.set(source.keys, node);
    node += source.keys.length;
  }
  if (base !== undefined) {
    const index = extended(HnswIndex.attach(base.layout), added, options);
    if (base.layout.vectors === 0) fill(index, 0, [{ kind: 'file', keys: base.keys, runs: base.runs }], options);
    fill(index, first, sources, options);
    return { kind: 'built', layout: index.layout, keys };
  }
  const most = Math.min(BEGUN_VECTORS, Math.floor(BEGUN_BYTES / (options.space.dimensions * 4)));
  const begun = begin(sources, Math.min(added, most), options, cancel);
  if (begun === undefined) return CANCELLED;
  if (begun.header.count === added) return { kind: 'built', layout: begun.layout, keys };
  const index = extended(begun, added - begun.header.count, options);
  fill(index, 0, sources, options);
  return { kind: 'built', layout: index.layout, keys };
}

/** A graph of the first `count` vectors of the sources, by hnswlib. */
function begin(
  sources: readonly VectorSource[],
  count: number,
  options: SegmentOptions,
  cancel: Int32Array,
): HnswIndex | undefined {
  const { quantization, m, efConstruction, walkers, space } = options;
  const { dimensions, metric } = space;
  const index = HnswIndex.create({ dimensions, metric, quantization, m, efConstruction, count, walkers });
  fill(index, 0, sources, options);
  const graph = buildGraph(index, () => isCancelled(cancel));
  if (graph !== undefined) index.adoptGraph(graph);
  return graph === undefined ? undefined : index;
}

function extended(base: HnswIndex, added: number, { m, walkers }: SegmentOptions): HnswIndex {
  return HnswIndex.extended(base, drawLevels(added, m, base.header.count), { walkers });
}

/** Copies the vectors of sources to the nodes from `first` on, as many as there are nodes. */
function fill(index: HnswIndex, first: number, sources: readonly VectorSource[], options: SegmentOptions): void {
  const { count } = index.header;
  let node = first;
  for (const source of sources) {
    const taken = Math.min(source.keys.length, count - node);
    if (source.kind === 'memory') fillFromMemory(index, node, source.memory, source.addresses.subarray(0, taken));
    else fillFromFile(index, node, source.keys.subarray(0, taken), source.runs, options);
    node += taken;
  }
  index.normalize(first, node - first);
}

function fillFromMemory(index: HnswIndex, first: number, memory: WebAssembly.Memory, addresses: Float64Array): void {
  const rows = index.vectorRows(first, addresses.length);
  for (const [i, address] of addresses.entries()) {
    rows.set(new Float32Array(memory.buffer, address, index.rowLength), i * index.rowLength);
  }
}

function fillFromFile(
  index: HnswIndex,
  first: number,
  keys: Float64Array,
  runs: readonly KeyRun[],
  { space, file }: SegmentOptions,
): void {
  const filled = withFile(file!, (sql) => {
    const blocks = new VectorBlocks(sql, space.id, space.dimensions);
    return runs.reduce((done, [from, to]) => fillFrom(blocks.read(from, to), index, first, keys, done), 0);
  });
  if (filled !== keys.length) throw new NearfieldError('CORRUPT', 'Vectors of a segment are missing from the file');
}

/** Copies what is wanted of some blocks; `done` and the result count the vectors that were copied so far. */
function fillFrom(
  blocks: Iterable<VectorBlock>,
  index: HnswIndex,
  first: number,
  wanted: Float64Array,
  done: number,
): number {
  const { dimensions } = index.header;
  for (const { keys, parts, values } of blocks) {
    let at = 0;
    for (const [i, key] of keys.entries()) {
      for (let part = parts?.[i] ?? 1; part > 0; part--, at += dimensions) {
        if (wanted[done] !== key) continue;
        index.vectorRows(first + done++, 1).set(values.subarray(at, at + dimensions));
      }
    }
  }
  return done;
}

function insert({ layout, walker, cancel }: TaskOf<'insert'>): BuildResult {
  const index = HnswIndex.attach(layout);
  while (!isCancelled(cancel)) if (index.insert(walker, INSERT_SLICE) === 0) return { kind: 'inserted' };
  return CANCELLED;
}

async function finish({ options, layout, runs, rows, commit, cancel }: TaskOf<'finish'>): Promise<BuildResult> {
  const { space, quantization, m, efConstruction, file } = options;
  let index = HnswIndex.attach(layout);
  if (layout.builder !== 0) index.seal();
  index.quantize();
  connectUnreached(index, () => isCancelled(cancel));
  const { count } = index.header;
  const access = { index, owners: index.owners, records: count, walker: 0, scorer: undefined };
  const measured = measureEffort(access, () => isCancelled(cancel));
  if (measured === undefined) return CANCELLED;
  if (!options.keepVectors) index = await withoutVectors(index, options);
  if (file === undefined) return { kind: 'finished', layout: index.layout, segment: undefined, measured };
  const { dimensions, metric } = space;
  const parameters = { metric, quantization, dimensions, count, m, efConstruction, commit };
  const stored: StoredIndex = { header: index.header, ...measured };
  const segment = withFile(file, (sql) =>
    new SegmentStore(sql, space).write(parameters, { runs, rows, index: stored }, index.derived),
  );
  return { kind: 'finished', layout: index.layout, segment, measured };
}

function publish({ file, space, segment, replaced, dropped }: TaskOf<'publish'>): BuildResult {
  withFile(file, (sql) => new SegmentStore(sql, space).publish(segment, replaced, dropped));
  return { kind: 'published' };
}

/** Gives free pages back to the file system. A file from before version 2 can only be written anew as a whole. */
function shrink({ file, pages }: TaskOf<'shrink'>): BuildResult {
  return withFile(file, (sql) => {
    const free = (): number => sql.pragma('freelist_count', { simple: true }) as number;
    const before = free();
    if (sql.pragma('auto_vacuum', { simple: true }) === INCREMENTAL) sql.pragma(`incremental_vacuum(${pages})`);
    else if (before > 0) sql.exec('VACUUM');
    // Only a checkpoint makes the file itself shorter. Any but a passive one would hold off all commits while it waits for
    // readers, one of which is the snapshot that is held until a commit is through.
    if (free() === 0) sql.pragma('wal_checkpoint(PASSIVE)');
    return { kind: 'shrunk', freed: before - free() };
  });
}

function measure({ file, machine, handOver }: TaskOf<'measure'>): BuildResult {
  const times = measureMachine(handOver);
  try {
    withFile(file, (sql) => keepMachine(sql, machine, times), KEEPING_MS);
  } catch {
    // It holds until the database is closed, and is measured anew when it is next opened.
  }
  return { kind: 'measured', times };
}

function withoutVectors(index: HnswIndex, { walkers }: SegmentOptions): Promise<HnswIndex> {
  const fill = (target: Uint8Array) => target.set(index.derived);
  return HnswIndex.restore(index.header, fill, { walkers, keepVectors: false });
}

/** Runs `work` on a connection of this thread's own. */
function withFile<T>(file: string, work: (sql: Database.Database) => T, timeout = BUSY_MS): T {
  const sql = new Database(file, { fileMustExist: true, timeout });
  try {
    sql.pragma('synchronous = NORMAL');
    sql.pragma('foreign_keys = ON');
    sql.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    return work(sql);
  } finally {
    sql.close();
  }
}

function isCancelled(cancel: Int32Array): boolean {
  return Atomics.load(cancel, 0) !== 0;
}
