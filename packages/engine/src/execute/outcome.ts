import type { DenseNode, QueryPlan, Strategy } from '../plan/index.js';
import { isExact, type SegmentsHand } from '../segment/index.js';

/** What a search turned out to be: its plan, but for walks that were followed by exact scans. */
export interface Outcome {
  readonly exact: boolean;
  readonly recall: number;
  readonly strategy: Strategy | 'exact-completion';
  /** Whether segments were left out, as the time was up. */
  readonly partial: boolean;
}

/** What a plan came to, from what the segments gave by the place of the leg. */
export function outcomeOf(plan: QueryPlan, hands: ReadonlyMap<number, SegmentsHand>): Outcome {
  const { exact, recall, strategy } = plan;
  const actual = Array.from(hands.values(), (hand) => hand.actual).flat();
  const partial = actual.some(({ skipped }) => skipped);
  const completed = actual.some((step) => step.completed);
  if (!partial && (exact || !completed)) return { exact, recall, strategy, partial };
  const recalls = plan.legs.map((leg, i) => (leg.kind === 'dense' ? recallOf(leg, hands.get(i)) : 1));
  return {
    exact: !partial && allScanned(plan, hands),
    recall: Math.min(...recalls),
    strategy: completed ? 'exact-completion' : strategy,
    partial,
  };
}

/** The recall of a leg in which segments whose walk was completed lose nothing, and those that were left out all they have. */
function recallOf(leg: DenseNode, hand: SegmentsHand | undefined): number {
  const lost = leg.segments.map(({ recall, vectors }, i) => {
    const share = vectors / Math.max(1, leg.vectors);
    if (hand?.actual[i].skipped === true) return share;
    return hand?.actual[i].completed === true ? 0 : (1 - recall) * share;
  });
  return 1 - lost.reduce((sum, part) => sum + part, 0);
}

function allScanned(plan: QueryPlan, hands: ReadonlyMap<number, SegmentsHand>): boolean {
  return plan.legs.every(
    (leg, i) =>
      leg.kind !== 'dense' ||
      leg.steps.every((step, at) => isExact(step) || hands.get(i)?.actual[at].completed === true),
  );
}
