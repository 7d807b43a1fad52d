import Database from 'better-sqlite3';
import { adoptKernels, type CompiledKernels } from '../distance/index.js';
import type { NearfieldError } from '../errors/index.js';
import { Bitset, FlatIndex, HnswIndex } from '../indexes/index.js';
import { translated } from '../store/index.js';
import { lateAfter, poolData, type TaskAnswer } from '../workers/index.js';
import { packHands, unpackRequests, type PackedHands } from './search-message.js';
import { searchSegments, type SearchableGraph } from './search-segments.js';
import type { SearchTask, SharedGraph } from './search-task.js';
import { StoredVectors } from './stored-vectors.js';

/** Segments that this thread remembers, the last used ones. */
const REMEMBERED = 64;

/** What this thread has of a segment: attaching compiles the kernel over its memory. */
interface Attached {
  readonly memory: WebAssembly.Memory;
  readonly ownersVersion: number;
  readonly graph: SearchableGraph;
}

const attached = new Map<string, Attached>();
let connection: { readonly file: string; readonly sql: Database.Database } | undefined;

adoptKernels(poolData<CompiledKernels>());

/** The thread's side of SegmentSearchers. */
export default function perform(task: SearchTask): TaskAnswer<PackedHands> {
  try {
    return { kind: 'done', result: run(task) };
  } catch (error) {
    const { code, message, stack } = translated(error) as NearfieldError;
    return { kind: 'failed', code: code ?? 'STORAGE_FAILED', message: String(message), stack: String(stack) };
  }
}

function run(task: SearchTask): PackedHands {
  const { rows, bitmaps, abandoned, walker } = task;
  const graphs = task.graphs.map((graph) => attach(graph, task));
  const flats = task.flats.map((flat) => FlatIndex.attach(flat));
  const sets = bitmaps?.map((words) => Bitset.of(words)) ?? [Bitset.below(rows)];
  const requests = unpackRequests(task.requests, graphs.length);
  if (bitmaps !== undefined && requests.some(({ scope }) => scope === 'living')) {
    for (const { index } of graphs) index.setResidentBitmap(walker, bitmaps[0]);
  }
  const hands = requests.map(({ allowed, deadline, steps, ...request }) => {
    const isPast = lateAfter(deadline);
    const isLate =
      abandoned === undefined ? isPast : () => Atomics.load(abandoned, walker) !== 0 || isPast?.() === true;
    return searchSegments(graphs, steps, flats, { ...request, allowed: sets[allowed], rows, isLate });
  });
  return packHands(hands);
}

function attach(
  { number, layout, records, stored }: SharedGraph,
  { walker, space, file }: SearchTask,
): SearchableGraph {
  const key = `${number}/${walker}`;
  const known = attached.get(key);
  attached.delete(key);
  if (known !== undefined && known.ownersVersion === layout.ownersVersion) {
    attached.set(key, known);
    return known.graph;
  }
  // Each message brings another object for the same memory; one is enough.
  const memory = known?.memory ?? layout.memory;
  const index = HnswIndex.attach({ ...layout, memory });
  const { owners } = index;
  const reader =
    stored === undefined ? undefined : new StoredVectors(connect(file!), space, stored.runs, stored.keys, () => owners);
  const graph = { index, owners, records, walker, scorer: reader?.score, scanStored: reader?.scan };
  attached.set(key, { memory, ownersVersion: layout.ownersVersion, graph });
  for (const oldest of attached.keys()) if (attached.size > REMEMBERED) attached.delete(oldest);
  return graph;
}

function connect(file: string): Database.Database {
  if (connection?.file === file) return connection.sql;
  connection?.sql.close();
  connection = { file, sql: new Database(file, { readonly: true, fileMustExist: true, timeout: 5000 }) };
  return connection.sql;
}
