import { NearfieldError, type ErrorCode } from '../errors/index.js';
import type { HnswLayout, MachineTimes, MeasuredEffort } from '../indexes/index.js';
import type { DenseSpace, KeyRun } from '../store/index.js';
import type { WorkerPool } from '../workers/index.js';
import { undisturbed } from './timing.js';
import type { BaseGraph, BuildResult, BuildTask, SegmentOptions, VectorSource } from './build-task.js';

/** Tasks that are handed over to measure what that takes. */
const HAND_OVERS = 15;

export interface BuildInput {
  readonly options: SegmentOptions;
  readonly base: BaseGraph | undefined;
  readonly sources: readonly VectorSource[];
  /** The runs of keys that the segment will cover, those of the base first, and its rows in the vector table. */
  readonly runs: readonly KeyRun[];
  readonly rows: number;
  readonly commit: number;
  /** Stored segments whose place it takes, and keys of dead records whose vectors go. */
  readonly replaced: readonly number[];
  readonly dropped: Float64Array;
}

export interface BuiltSegment {
  readonly layout: HnswLayout;
  readonly keys: Float64Array;
  readonly measured: MeasuredEffort;
  /** Its number in the file. */
  readonly segment: number | undefined;
}

/** Makes segments on worker threads: a graph each, but all threads together where vectors are added to a graph. */
export class SegmentBuilder {
  readonly #cancel = new Int32Array(new SharedArrayBuffer(4));

  constructor(readonly pool: WorkerPool<BuildTask, BuildResult>) {}

  get threads(): number {
    return this.pool.threads;
  }

  /** Builds, stores and publishes; undefined when it was cancelled. */
  async build(input: BuildInput): Promise<BuiltSegment | undefined> {
    const { options, runs, rows, commit } = input;
    const cancel = this.#cancel;
    const built = await this.#run({ kind: 'build', options, base: input.base, sources: input.sources, cancel });
    if (built.kind !== 'built') return undefined;
    if (built.layout.builder !== 0 && !(await this.#insert(built.layout))) return undefined;
    const finished = await this.#run({ kind: 'finish', options, layout: built.layout, runs, rows, commit, cancel });
    if (finished.kind !== 'finished') return undefined;
    const { layout, segment, measured } = finished;
    if (segment !== undefined) {
      const { replaced, dropped } = input;
      const [file, space] = [options.file!, options.space];
      await this.#run({ kind: 'publish', file, space, segment, replaced, dropped }).catch(async (error: unknown) => {
        // Otherwise each attempt would leave one in the file.
        await this.discard(file, space, [segment], new Float64Array()).catch(() => undefined);
        throw error;
      });
    }
    return { layout, keys: built.keys, measured, segment };
  }

  /** Takes segments, and vectors of dead records, out of the file. */
  async discard(file: string, space: DenseSpace, replaced: readonly number[], dropped: Float64Array): Promise<void> {
    await this.#run({ kind: 'publish', file, space, segment: undefined, replaced, dropped });
  }

  /** Gives up to so many free pages of the file back to the file system; returns how many. */
  async shrink(file: string, pages: number): Promise<number> {
    const result = await this.#run({ kind: 'shrink', file, pages });
    return result.kind === 'shrunk' ? result.freed : 0;
  }

  /** Whether no thread has anything to do. */
  get isIdle(): boolean {
    return this.pool.isIdle;
  }

  /** What the steps of a search take on this machine, which is kept in the file; undefined when it was cancelled. */
  async measureMachine(file: string, machine: string): Promise<MachineTimes | undefined> {
    // The first one starts the thread.
    await this.#run({ kind: 'pass' });
    const ways: number[] = [];
    while (ways.length < HAND_OVERS) {
      if (Atomics.load(this.#cancel, 0) !== 0) return undefined;
      const started = performance.now();
      await this.#run({ kind: 'pass' });
      ways.push((performance.now() - started) * 1000);
    }
    const result = await this.#run({ kind: 'measure', file, machine, handOver: undisturbed(ways) });
    return result.kind === 'measured' ? result.times : undefined;
  }

  /** Makes what runs end soon, with nothing changed. */
  cancel(): void {
    Atomics.store(this.#cancel, 0, 1);
  }

  async #insert(layout: HnswLayout): Promise<boolean> {
    const walkers = Array.from({ length: Math.min(this.threads, layout.walkers) }, (_, walker) => walker);
    const results = await Promise.all(
      walkers.map((walker) => this.#run({ kind: 'insert', layout, walker, cancel: this.#cancel })),
    );
    return results.every(({ kind }) => kind === 'inserted');
  }

  async #run(task: BuildTask): Promise<BuildResult> {
    const answer = await this.pool.run(task);
    if (answer.kind === 'done') return answer.result;
    const cause = new Error(answer.message);
    cause.stack = answer.stack;
    throw new NearfieldError(answer.code as ErrorCode, 'Background work on a segment failed', {}, { cause });
  }
}
