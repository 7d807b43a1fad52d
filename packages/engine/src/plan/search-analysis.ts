import type { StepActual } from '../segment/index.js';
import type { QueryPlan } from './query-plan.js';

/** The parts of a search, in their order: inputs are encoded, the filter gives rows, segments give candidates. */
export type SearchStage = 'encode' | 'filter' | 'plan' | 'segments' | 'fuse' | 'hydrate';

/** What a search came to, beside what its plan expected. */
export interface SearchAnalysis {
  readonly kind: 'search-analysis';
  readonly plan: QueryPlan;
  readonly info: {
    readonly exact: boolean;
    readonly recall: number;
    readonly matches: number | { readonly min: number; readonly max: number };
    readonly strategy: string;
    readonly tookMs: number;
  };
  /** Hits, and the share of the exact answer's that is among them; a hit that ties with its last one counts. */
  readonly hits: number;
  readonly recall: number;
  readonly stages: readonly { readonly stage: SearchStage; readonly ms: number }[];
  /** For each leg what its sealed segments came to, in the order of the plan's, and then all flat ones together. */
  readonly legs: readonly { readonly vector: string; readonly segments: readonly StepActual[] }[];
}
