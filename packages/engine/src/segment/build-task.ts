import type { HnswHeader, HnswLayout, MachineTimes, MeasuredEffort } from '../indexes/index.js';
import type { Quantization } from '../schema/index.js';
import type { DenseSpace, KeyRun } from '../store/index.js';

/** Vectors to go into a new segment, at full precision and, under cosine, at length 1. Plain data for a thread. */
export type VectorSource =
  | {
      readonly kind: 'memory';
      readonly memory: WebAssembly.Memory;
      /** The address of each vector, and the key of its record. Vectors of one record are neighbours. */
      readonly addresses: Float64Array;
      readonly keys: Float64Array;
    }
  | {
      readonly kind: 'file';
      /** The keys whose vectors are wanted, in the order of the runs. */
      readonly keys: Float64Array;
      readonly runs: readonly KeyRun[];
    };

/** What a segment is made with. */
export interface SegmentOptions {
  readonly space: DenseSpace;
  readonly quantization: Quantization;
  readonly m: number;
  readonly efConstruction: number;
  /** Threads that may search it at the same time. */
  readonly walkers: number;
  /** Whether the full-precision vectors stay in memory beside the codes. */
  readonly keepVectors: boolean;
  /** The database file, or undefined for one in memory, which stores no segments. */
  readonly file: string | undefined;
}

/** The graph that is kept when others are added to it, with the key of each vector. */
export interface BaseGraph {
  readonly layout: HnswLayout;
  readonly keys: Float64Array;
  readonly runs: readonly KeyRun[];
}

export type BuildTask =
  /** Builds a graph from nothing, or copies a base and makes room for more. */
  | {
      readonly kind: 'build';
      readonly options: SegmentOptions;
      readonly base: BaseGraph | undefined;
      readonly sources: readonly VectorSource[];
      readonly cancel: Int32Array;
    }
  /** Adds vectors to a graph, beside other threads that do the same. */
  | {
      readonly kind: 'insert';
      readonly layout: HnswLayout;
      readonly walker: number;
      readonly cancel: Int32Array;
    }
  /** Codes, measures and stores a graph. */
  | {
      readonly kind: 'finish';
      readonly options: SegmentOptions;
      readonly layout: HnswLayout;
      readonly runs: readonly KeyRun[];
      /** Rows of the vector table in the runs, those of dead records that are to be dropped left out. */
      readonly rows: number;
      readonly commit: number;
      readonly cancel: Int32Array;
    }
  /** Lets a stored segment, or nothing, take the place of others, and drops vectors of dead records. */
  | {
      readonly kind: 'publish';
      readonly file: string;
      readonly space: DenseSpace;
      readonly segment: number | undefined;
      readonly replaced: readonly number[];
      readonly dropped: Float64Array;
    }
  /** Gives free pages of the file back to the file system, at most so many; all in one piece where it was not made for that. */
  | { readonly kind: 'shrink'; readonly file: string; readonly pages: number }
  /** Does nothing, so that the way to the thread and back can be measured. */
  | { readonly kind: 'pass' }
  /** Measures this machine, and keeps that in the file. */
  | { readonly kind: 'measure'; readonly file: string; readonly machine: string; readonly handOver: number };

export type BuildResult =
  | {
      readonly kind: 'built';
      readonly layout: HnswLayout;
      /** The key of each vector. */
      readonly keys: Float64Array;
    }
  | { readonly kind: 'inserted' }
  | {
      readonly kind: 'finished';
      readonly layout: HnswLayout;
      readonly segment: number | undefined;
      readonly measured: MeasuredEffort;
    }
  | { readonly kind: 'published' }
  | { readonly kind: 'shrunk'; readonly freed: number }
  | { readonly kind: 'passed' }
  | { readonly kind: 'measured'; readonly times: MachineTimes }
  | { readonly kind: 'cancelled' };

/** What a stored segment's index is restored from. */
export interface StoredIndex extends MeasuredEffort {
  readonly header: HnswHeader;
}
