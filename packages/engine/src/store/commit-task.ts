import type { CommitOutcome, CommitRequest } from './commit-request.js';

/** What the thread that commits needs to open its connection. */
export interface CommitThreadData {
  readonly path: string;
  readonly synchronous: 'FULL' | 'NORMAL';
}

export type CommitTask =
  | { readonly kind: 'commit'; readonly request: CommitRequest; readonly maxPages: number }
  /** Keeps what was observed of a space's recall, as JSON. */
  | { readonly kind: 'observe'; readonly space: number; readonly observed: string }
  | { readonly kind: 'checkpoint' };

export type CommitAnswer =
  | { readonly kind: 'settled'; readonly outcome: CommitOutcome; readonly walPages: number }
  | { readonly kind: 'observed' }
  | { readonly kind: 'checkpointed' }
  /** With SQLite's code, if the error was SQLite's. */
  | { readonly kind: 'failed'; readonly message: string; readonly code: string | undefined };
