import type { Refused } from './commit-request.js';

/** Ends the transaction of a commit that is refused. */
export class Refusal extends Error {
  constructor(readonly refused: Refused) {
    super(refused.because);
  }
}
