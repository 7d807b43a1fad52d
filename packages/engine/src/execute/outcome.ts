import type { DenseNode, QueryPlan, Strategy } from '../plan/index.js';
import type { Candidates } from '../indexes/index.js';
import { isExact, unsearchedHand, type SegmentsHand } from '../segment/index.js';

/** Of scores that lack some of their terms nothing is known. */
const POSTINGS_CUT = 0;

/** What a search turned out to be: its plan, but for walks that were followed by exact scans. */
export interface Outcome {
  readonly exact: boolean;
  readonly recall: number;
  readonly strategy: Strategy | 'exact-completion';
  /** Whether segments were left out, as the time was up. */
  readonly partial: boolean;
}

/** What a plan came to, from what the segments gave by the place of the leg, and what came after that. */
export function outcomeOf(
  plan: QueryPlan,
  hands: ReadonlyMap<number, SegmentsHand>,
  candidates: readonly Pick<Candidates, 'cut'>[] = [],
): Outcome {
  const { exact, recall, strategy } = plan;
  const actual = Array.from(hands.values(), (hand) => hand.actual).flat();
  const partial = actual.some(({ skipped }) => skipped) || candidates.some(({ cut }) => cut);
  const completed = actual.some((step) => step.completed);
  const usual = actual.every(({ about }) => about === 'usual');
  if (!partial && (exact || (usual && !completed))) return { exact, recall, strategy, partial };
  const recalls = plan.legs.map((leg, i) =>
    leg.kind === 'dense' ? recallOf(leg, hands.get(i)) : candidates[i]?.cut === true ? POSTINGS_CUT : 1,
  );
  return {
    exact: !partial && allScanned(plan, hands),
    recall: Math.min(...recalls),
    strategy: completed ? 'exact-completion' : strategy,
    partial,
  };
}

/** What a plan comes to when the time is up before anything of it is done. */
export function outcomeUnsearched(plan: QueryPlan): Outcome {
  const hands = new Map<number, SegmentsHand>();
  for (const [i, leg] of plan.legs.entries()) {
    if (leg.kind === 'dense') hands.set(i, unsearchedHand(leg.segments.length));
  }
  return outcomeOf(
    plan,
    hands,
    plan.legs.map(() => ({ cut: true })),
  );
}

/**
 * The recall of a leg, by what walks found about the query, in which segments whose walk was completed lose nothing, and those that
 * were not searched to the end what was not done: of a walk, in proportion to the distances that it was expected to compute.
 */
function recallOf(leg: DenseNode, hand: SegmentsHand | undefined): number {
  const shareOf = (vectors: number) => vectors / Math.max(1, leg.vectors);
  const lost = leg.segments.map(({ step, recall, recallAbout, vectors, computed }, i) => {
    const actual = hand?.actual[i];
    const expected = actual?.completed === true ? 1 : (recallAbout?.[actual?.about ?? 'usual'] ?? recall);
    if (actual?.skipped !== true) return (1 - expected) * shareOf(vectors);
    const walked = isExact(step) || actual.completed ? 1 : Math.min(1, actual.computed / Math.max(1, computed));
    return (1 - expected * actual.done * walked) * shareOf(vectors);
  });
  const flat = hand?.actual.at(-1)?.done ?? 1;
  return 1 - lost.reduce((sum, part) => sum + part, (1 - flat) * shareOf(leg.unsealed.vectors));
}

function allScanned(plan: QueryPlan, hands: ReadonlyMap<number, SegmentsHand>): boolean {
  return plan.legs.every(
    (leg, i) =>
      leg.kind !== 'dense' ||
      leg.steps.every((step, at) => isExact(step) || hands.get(i)?.actual[at].completed === true),
  );
}
