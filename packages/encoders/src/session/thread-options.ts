import { refuseUnknownKeys } from '@nearfield/engine/encoder';
import { checkPositiveInteger } from '../check-options.js';

/** Options of an encoder that has one model. */
export interface ThreadOptions {
  /** Threads that encode, and decode where they do that: a positive integer. Default: the available cores. */
  readonly threads?: number;
}

/** Throws UNKNOWN_OPTION and INVALID_ARGUMENT. */
export function checkThreadOptions(options: ThreadOptions, encoder: string): void {
  refuseUnknownKeys(options, ['threads'], encoder);
  checkPositiveInteger(options.threads, 'threads', encoder);
}
