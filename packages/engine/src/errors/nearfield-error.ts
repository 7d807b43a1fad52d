import { ERROR_CODES, type ErrorCode } from './codes.js';

export interface ErrorDetails {
  /** What would have been right. */
  expected?: string;
  /** What came instead, shortened for display. */
  received?: string;
  /** What to do about it; defaults to the code's general advice. */
  remedy?: string;
  /** The record at fault: its id, or its position in the batch when the id itself is bad. */
  record?: string | number;
  /** The field, vector or option at fault. */
  field?: string;
  [more: string]: unknown;
}

/**
 * Every error that Nearfield throws on purpose. `code` is stable across releases; `message` is for people and says
 * what happened, what was expected, what came and what to do.
 */
export class NearfieldError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<ErrorDetails>;

  constructor(code: ErrorCode, what: string, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    const remedy = details.remedy ?? ERROR_CODES[code].remedy;
    const parts = [what];
    if (details.expected !== undefined) parts.push(`expected ${details.expected}`);
    if (details.received !== undefined) parts.push(`received ${details.received}`);
    super(`${parts.join('; ')}. ${remedy}`, options);
    this.name = code === 'ABORTED' ? 'AbortError' : 'NearfieldError';
    this.code = code;
    this.details = Object.freeze({ ...details, remedy });
  }

  /** The same error, with the record that it is about. */
  ofRecord(record: string | number): NearfieldError {
    const located = new NearfieldError(this.code, '', { ...this.details, record }, { cause: this.cause ?? this });
    located.message = `Record ${JSON.stringify(record)}: ${this.message}`;
    return located;
  }
}
