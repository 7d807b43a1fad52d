/** How far a long call has come. */
export interface Progress {
  readonly done: number;
  /** Absent while the end is not known, as for a stream. */
  readonly total?: number;
  readonly phase: 'encode' | 'commit';
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface WriteOptions extends CallOptions {
  readonly onProgress?: (progress: Progress) => void;
}

export interface WriteResult {
  /** Records written or deleted. */
  readonly count: number;
}
