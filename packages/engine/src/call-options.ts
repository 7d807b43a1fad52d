import { NearfieldError, describe, refuseUnknownKeys } from './errors/index.js';
import { isPlainObject } from './schema/index.js';

/** How far a long call has come. */
export interface Progress {
  /** Records, or pages of a backup. */
  readonly done: number;
  /** Absent while the end is not known, as for a stream. */
  readonly total?: number;
  readonly phase: 'encode' | 'commit' | 'backup' | 'optimize';
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

/** Throws UNKNOWN_OPTION or INVALID_ARGUMENT for options that a call does not take. */
export function checkCallOptions(options: unknown, known: readonly string[], where: string): void {
  if (!isPlainObject(options)) {
    throw new NearfieldError('INVALID_ARGUMENT', `The options of ${where} are not an object`, {
      received: describe(options),
    });
  }
  refuseUnknownKeys(options, known, where);
  checkSignal(options.signal);
  if (options.onProgress !== undefined && typeof options.onProgress !== 'function') {
    throw wrongOption('onProgress', 'a function', options.onProgress);
  }
}

export function checkSignal(signal: unknown): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw wrongOption('signal', 'an AbortSignal', signal);
}

export function wrongOption(field: string, expected: string, received: unknown): NearfieldError {
  return new NearfieldError('INVALID_ARGUMENT', `\`${field}\` is wrong`, {
    field,
    expected,
    received: describe(received),
  });
}
