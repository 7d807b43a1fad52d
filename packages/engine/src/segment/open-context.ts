import { availableParallelism, totalmem } from 'node:os';
import { compiledKernels } from '../distance/index.js';
import { IN_MEMORY } from '../store/index.js';
import { WorkerPool } from '../workers/index.js';
import type { MachineTimes } from '../indexes/index.js';
import { Calibration } from './calibration.js';
import { MemoryBudget } from './memory-budget.js';
import type { PolicyLimits } from './merge-policy.js';
import { SegmentBuilder } from './segment-builder.js';
import type { SegmentContext } from './segment-context.js';
import { SegmentSearchers } from './segment-searchers.js';

/** The part of the machine's memory (or the container's) that vector indexes may fill, unless the caller says. */
const DEFAULT_SHARE = 0.6;
/** A thread that built segments and has nothing to do ends, and gives back what building took. */
const BUILDER_IDLE_MS = 500;
const SEARCHER_IDLE_MS = 10_000;

export interface ContextOptions {
  readonly path: string;
  readonly readOnly: boolean;
  /** Default: as many as the machine runs at once. */
  readonly threads: number | undefined;
  /** In bytes. */
  readonly memoryBudget: number | undefined;
  readonly limits: PolicyLimits;
  /** The machines that the file knows. */
  readonly machines: ReadonlyMap<string, MachineTimes>;
}

/** The threads and the memory budget of a database. No thread starts before it has something to do. */
export function openContext({
  path,
  readOnly,
  threads,
  memoryBudget,
  limits,
  machines,
}: ContextOptions): SegmentContext {
  const file = path === IN_MEMORY ? undefined : path;
  const width = threads ?? availableParallelism();
  const pool = <Task extends object, Result>(module: string, idleMs: number) =>
    new WorkerPool<Task, Result>(new URL(module, import.meta.url), width, compiledKernels, idleMs);
  const builder = new SegmentBuilder(pool('./build-worker.js', BUILDER_IDLE_MS));
  const calibration = new Calibration(machines, builder, readOnly ? undefined : file);
  calibration.begin();
  return {
    file,
    readOnly,
    limits,
    budget: new MemoryBudget(memoryBudget ?? Math.floor(DEFAULT_SHARE * availableMemory())),
    builder,
    searchers: new SegmentSearchers(pool('./search-worker.js', SEARCHER_IDLE_MS), file),
    calibration,
  };
}

/** What a container limits the process to, or what the machine has. */
function availableMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}
