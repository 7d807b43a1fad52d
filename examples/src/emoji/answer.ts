import type { SearchInfo } from '@nearfield/engine';
import type { Question } from './questions.js';

/** A hit as it is shown. */
export interface ShownHit {
  readonly emoji: string;
  readonly name: string;
  /** Path of its picture. */
  readonly picture: string;
  readonly score: number;
  /** Score and rank by each leg. */
  readonly legs: string;
}

/** A question with what was found. */
export interface Answer {
  readonly question: Question;
  readonly hits: readonly ShownHit[];
  readonly info: SearchInfo;
}
