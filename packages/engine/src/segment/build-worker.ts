import Database from 'better-sqlite3';
import { HnswIndex, drawLevels } from '../indexes/index.js';
import { NearfieldError } from '../errors/index.js';
import { SegmentStore, VectorBlocks, translated, type VectorBlock } from '../store/index.js';
import type { TaskAnswer } from '../workers/index.js';
import { buildGraph } from './build-graph.js';
import type { BuildResult, BuildTask, SegmentOptions, StoredIndex, VectorSource } from './build-task.js';
import { measureEffort } from './measure-effort.js';

/** The longest that a write waits for another one's transaction, in milliseconds. */
const BUSY_MS = 60_000;
/** Pages of the write-ahead log from which on this thread brings it into the file. */
const CHECKPOINT_PAGES = 4000;
/** Vectors that a thread adds to a graph before it looks for more. */
const INSERT_SLICE = 64;

type TaskOf<Kind extends BuildTask['kind']> = Extract<BuildTask, { kind: Kind }>;

/** SQLite's number of the mode in which a file can shrink a little at a time. */
const INCREMENTAL = 2;
const CANCELLED: BuildResult = { kind: 'cancelled' };

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
    default:
      return task satisfies never;
  }
}

function build({ options, base, sources, cancel }: TaskOf<'build'>): BuildResult {
  const { quantization, m, efConstruction, walkers, space } = options;
  const { dimensions, metric } = space;
  const added = sources.reduce((sum, source) => sum + source.keys.length, 0);
  const first = base?.keys.length ?? 0;
  const index =
    base === undefined
      ? HnswIndex.create({ dimensions, metric, quantization, m, efConstruction, count: added, walkers })
      : HnswIndex.extended(HnswIndex.attach(base.layout), drawLevels(added, m, first), { walkers });
  const keys = new Float64Array(first + added);
  if (base !== undefined) {
    keys.set(base.keys);
    if (base.layout.vectors === 0) fill(index, 0, { kind: 'file', keys: base.keys, runs: base.runs }, options);
  }
  let node = first;
  for (const source of sources) {
    fill(index, node, source, options);
    keys.set(source.keys, node);
    node += source.keys.length;
  }
  if (base !== undefined) return { kind: 'built', layout: index.layout, keys };
  const graph = buildGraph(index, () => isCancelled(cancel));
  if (graph === undefined) return CANCELLED;
  index.adoptGraph(graph);
  return { kind: 'built', layout: index.layout, keys };
}

/** Copies the vectors of a source to the nodes from `first` on. */
function fill(index: HnswIndex, first: number, source: VectorSource, options: SegmentOptions): void {
  if (source.kind === 'memory') {
    const rows = index.vectorRows(first, source.addresses.length);
    for (const [i, address] of source.addresses.entries()) {
      rows.set(new Float32Array(source.memory.buffer, address, index.rowLength), i * index.rowLength);
    }
    return;
  }
  const { space, file } = options;
  const node = withFile(file!, (sql) => {
    const blocks = new VectorBlocks(sql, space.id, space.dimensions);
    return source.runs.reduce(
      (done, [from, to]) => fillFrom(blocks.read(from, to), index, first, source.keys, done),
      0,
    );
  });
  if (node !== source.keys.length)
    throw new NearfieldError('CORRUPT', 'Vectors of a segment are missing from the file');
  index.normalize(first, source.keys.length);
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
  const { count } = index.header;
  const access = { index, owners: index.owners, records: count, walker: 0, scorer: undefined };
  const curve = measureEffort(access, () => isCancelled(cancel));
  if (curve === undefined) return CANCELLED;
  if (!options.keepVectors) index = await withoutVectors(index, options);
  if (file === undefined) return { kind: 'finished', layout: index.layout, segment: undefined, curve };
  const { dimensions, metric } = space;
  const parameters = { metric, quantization, dimensions, count, m, efConstruction, commit };
  const stored: StoredIndex = { header: index.header, curve };
  const segment = withFile(file, (sql) =>
    new SegmentStore(sql, space).write(parameters, { runs, rows, index: stored }, index.derived),
  );
  return { kind: 'finished', layout: index.layout, segment, curve };
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

function withoutVectors(index: HnswIndex, { walkers }: SegmentOptions): Promise<HnswIndex> {
  const fill = (target: Uint8Array) => target.set(index.derived);
  return HnswIndex.restore(index.header, fill, { walkers, keepVectors: false });
}

/** Runs `work` on a connection of this thread's own. */
function withFile<T>(file: string, work: (sql: Database.Database) => T): T {
  const sql = new Database(file, { fileMustExist: true, timeout: BUSY_MS });
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
