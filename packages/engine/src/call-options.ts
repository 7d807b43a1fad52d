import { NearfieldError, describe, refuseUnknownKeys, type ErrorCode } from './errors/index.js';
import { isPlainObject, type RecordId } from './schema/index.js';

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

/** A record that an ingest left out, and why. */
export interface SkippedRecord {
  /** Undefined where the record has no valid one. */
  readonly id: RecordId | undefined;
  /** Its place in the array or stream, from 0. */
  readonly position: number;
  readonly code: ErrorCode;
  readonly message: string;
}

export interface IngestOptions extends WriteOptions {
  /**
   * What happens to a record that cannot be checked, read or encoded: 'stop' (default) throws its error, and its batch
   * changes nothing; 'skip' leaves it out, with all its vectors, and goes on. What fails for all records, such as an
   * encoder that is not there, a full disk, or an id that exists in `add`, is thrown in any case.
   */
  readonly onError?: 'stop' | 'skip';
  /** With 'skip': called for each record that is left out. */
  readonly onSkip?: (skipped: SkippedRecord) => void;
}

/** What came of an ingest with `onError: 'skip'`. */
export interface SkippingResult extends WriteResult {
  /** Records left out. */
  readonly skippedCount: number;
  /** The first 1 000 of them, in the order in which they were found. */
  readonly skipped: readonly SkippedRecord[];
}

/** Throws UNKNOWN_OPTION or INVALID_ARGUMENT for options that an ingest does not take. */
export function checkIngestOptions(options: IngestOptions, where: string): void {
  checkCallOptions(options, ['signal', 'onProgress', 'onError', 'onSkip'], where);
  const { onError, onSkip } = options;
  if (onError !== undefined && onError !== 'stop' && onError !== 'skip') {
    throw wrongOption('onError', "'stop' or 'skip'", onError);
  }
  if (onSkip === undefined) return;
  if (typeof onSkip !== 'function') throw wrongOption('onSkip', 'a function', onSkip);
  if (onError !== 'skip') throw wrongOption('onSkip', "`onError: 'skip'` beside it", onError);
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

/** One signal for all that there are; each is checked. */
export function joinedSignal(given: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const signals = given.filter((signal) => signal !== undefined);
  for (const signal of signals) checkSignal(signal);
  return signals.length > 1 ? AbortSignal.any(signals) : signals[0];
}
