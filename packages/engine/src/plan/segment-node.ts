import type { MeasuredEffort } from '../indexes/index.js';
import { chooseStep, type ChosenStep, type StepQuestion } from './choose-step.js';
import type { CostSource } from './cost-model.js';

/** How one sealed segment is searched, what that is expected to take, and the ways that were not chosen. */
export interface SegmentNode extends ChosenStep {
  readonly kind: 'segment';
  readonly vectors: number;
  /** Vectors that are expected to match. */
  readonly matching: number;
  /** What its costs are reckoned by. */
  readonly costsFrom: CostSource;
}

/** What was asked of a segment last, and chosen. */
interface Answer {
  readonly question: StepQuestion;
  readonly node: SegmentNode;
}

/** Filters that an application asks by in turn. */
const REMEMBERED = 8;

const answers = new WeakMap<MeasuredEffort, Answer[]>();

/**
 * The choice for a segment, which follows from the question alone: what was asked of the segment lately is not worked out anew, as that takes
 * a tenth of the time of a short search.
 */
export function segmentNodeFor(question: StepQuestion): SegmentNode {
  let known = answers.get(question.measured);
  if (known === undefined) answers.set(question.measured, (known = []));
  const place = known.findIndex((answer) => isSame(answer.question, question));
  const [answer] = place < 0 ? [{ question, node: nodeOf(question) }] : known.splice(place, 1);
  if (known.unshift(answer) > REMEMBERED) known.pop();
  return answer.node;
}

function nodeOf(question: StepQuestion): SegmentNode {
  const { vectors, matching, times } = question;
  return { kind: 'segment', vectors, matching, costsFrom: times.source, ...chooseStep(question) };
}

function isSame(one: StepQuestion, other: StepQuestion): boolean {
  const [a, b] = [one.times, other.times];
  return (
    one.matching === other.matching &&
    one.recall === other.recall &&
    one.limit === other.limit &&
    one.effort === other.effort &&
    one.exact === other.exact &&
    one.forced === other.forced &&
    one.filtered === other.filtered &&
    one.rows === other.rows &&
    one.vectors === other.vectors &&
    one.shape.dimensions === other.shape.dimensions &&
    one.shape.quantization === other.shape.quantization &&
    one.shape.inMemory === other.shape.inMemory &&
    a.source === b.source &&
    a.here === b.here &&
    a.there === b.there &&
    a.measured === b.measured
  );
}
