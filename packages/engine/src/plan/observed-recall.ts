import type { StepChoice } from './choose-step.js';

/** Queries whose recall is judged apart: what is found under a filter differs from what is found without one. */
export type QueryKind = 'filtered' | 'unfiltered';

/** Sums over the hits that exact answers had: how many searches missed, and how many they were expected to. */
export interface ObservedHits {
  readonly wanted: number;
  readonly missed: number;
  /** By what was measured when the graphs were made. */
  readonly expected: number;
}

/** So many hits count at most: then all that was observed is halved, so that what comes later counts more. */
const MEMORY_HITS = 4000;
/** Hits that are taken to be missed as expected before anything was observed, so that a few checks decide nothing. */
const PRIOR_HITS = 4;
/** What is missed, over what is expected to be: within these bounds. */
const LEAST_TIMES = 0.5;
const MOST_TIMES = 32;
/** A part of the hits that cannot be told from nothing in the sample that was measured when a graph was made. */
const LEAST_LACK = 0.002;

/**
 * How much of the exact answers the searches of one vector space missed, against what was expected. The recall of a graph is
 * measured with vectors of its own as queries; those of an application may be of another kind.
 */
export class ObservedRecall {
  readonly #observed = new Map<QueryKind, ObservedHits>();

  /** @param stored what `toJSON` gave; what is not that is passed over */
  constructor(stored: object = {}) {
    for (const kind of ['filtered', 'unfiltered'] as const) {
      const { wanted, missed, expected } = (stored as Partial<Record<QueryKind, Partial<ObservedHits>>>)[kind] ?? {};
      if (isPart(wanted, MEMORY_HITS) && isPart(missed, wanted) && isPart(expected, wanted)) {
        this.#observed.set(kind, { wanted, missed, expected });
      }
    }
  }

  /** Takes in a search of which `recall`, from 0 to 1, was expected, and that missed some of `wanted` hits. */
  add(kind: QueryKind, { wanted, missed, recall }: { wanted: number; missed: number; recall: number }): void {
    const before = this.#observed.get(kind) ?? { wanted: 0, missed: 0, expected: 0 };
    const fade = before.wanted + wanted > MEMORY_HITS ? 0.5 : 1;
    const expected = wanted * Math.max(LEAST_LACK, (1 - recall) / this.#times(kind));
    this.#observed.set(kind, {
      wanted: before.wanted * fade + wanted,
      missed: before.missed * fade + missed,
      expected: before.expected * fade + expected,
    });
  }

  /** Whether more or less was missed than was measured. */
  isOther(kind: QueryKind): boolean {
    return this.#times(kind) !== 1;
  }

  /** Whether more was missed than was measured. */
  isDoubted(kind: QueryKind): boolean {
    return this.#times(kind) > 1;
  }

  /** The recall to look for in what was measured, so that searches reach `recall`; undefined where none is known to be enough. */
  aimFor(kind: QueryKind, recall: number): number | undefined {
    const times = this.#times(kind);
    const lack = (1 - recall) / times;
    return times > 1 && lack < LEAST_LACK ? undefined : 1 - Math.min(1 - recall, lack);
  }

  /** A way to search as it is expected to be by what was observed. */
  expect<Choice extends StepChoice>(kind: QueryKind, choice: Choice): Choice {
    const times = this.#times(kind);
    if (times === 1 || choice.recall === 1) return choice;
    const expected = (recall: number) => {
      const lack = times > 1 && recall < 1 ? Math.max(LEAST_LACK, 1 - recall) : 1 - recall;
      return Math.max(0, 1 - times * lack);
    };
    const { usual, far, dense } = choice.recallAbout ?? {};
    const about = (recall = 1) => expected(recall);
    const recallAbout = choice.recallAbout && { usual: about(usual), far: about(far), dense: about(dense) };
    return { ...choice, recall: expected(choice.recall), recallAbout };
  }

  toJSON(): Partial<Record<QueryKind, ObservedHits>> {
    return Object.fromEntries(this.#observed);
  }

  /** How many times as much is missed as was measured; 1 as long as nothing was observed. */
  #times(kind: QueryKind): number {
    const { missed, expected } = this.#observed.get(kind) ?? { missed: 0, expected: 0 };
    return Math.min(MOST_TIMES, Math.max(LEAST_TIMES, (missed + PRIOR_HITS) / (expected + PRIOR_HITS)));
  }
}

function isPart(value: unknown, most: number): value is number {
  return typeof value === 'number' && value >= 0 && value <= most;
}
