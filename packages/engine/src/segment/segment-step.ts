import type { EffortAround, WalkKind } from '../indexes/index.js';

/** How one sealed segment is searched; flat segments are always scanned. */
export type SegmentStep =
  /** Nothing in it matches. */
  | { readonly kind: 'skip' }
  /** Every vector is passed in order, and those that match are compared. */
  | { readonly kind: 'scan' }
  /** The vectors that match are looked up and compared. */
  | { readonly kind: 'scan-matching' }
  /** The graph is walked through all nodes, of which those that match become results. */
  | WalkStep<'walk'>
  /** The graph is walked from matching node to matching node. */
  | WalkStep<'walk-inside'>;

/** `budget`: see SearchOptions. `around` is absent without a filter. */
export interface WalkStep<Kind extends WalkKind = WalkKind> {
  readonly kind: Kind;
  readonly effort: number;
  readonly budget: number;
  readonly around?: EffortAround;
}

export type StepKind = SegmentStep['kind'];

/** Whether a step compares all that matches. */
export function isExact({ kind }: { readonly kind: StepKind }): boolean {
  switch (kind) {
    case 'skip':
    case 'scan':
    case 'scan-matching':
      return true;
    case 'walk':
    case 'walk-inside':
      return false;
    default:
      return kind satisfies never;
  }
}
