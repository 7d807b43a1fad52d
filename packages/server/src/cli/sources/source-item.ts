import type { NearfieldError } from '@nearfield/engine';
import type { MediaKind } from './media-kind.js';

/** How the standard input is named. */
export const STANDARD_INPUT = '-';

/** Where a record was read. */
export interface Origin {
  /** As the user named it, or found in a folder that the user named; '-' is the standard input. */
  readonly file: string;
  /** In a file of lines, from 1. */
  readonly line?: number;
  /** In a JSON array, from 0. */
  readonly index?: number;
}

export interface SourceRecord {
  readonly kind: 'record';
  readonly record: Record<string, unknown>;
  readonly origin: Origin;
  /** Whether the record was made from a text file, an image or a sound, or was a record already. */
  readonly from: 'document' | MediaKind | 'data';
  /** Whether all values are texts, as in a table, whose types are for the schema to say. */
  readonly isUntyped?: boolean;
}

/** A line or file that could not be read; whether to go on is for the command to decide. */
export interface SourceFailure {
  readonly kind: 'failure';
  readonly error: NearfieldError;
  readonly origin: Origin;
}

/** A file of no known kind that was not named by the user, but found in a folder. */
export interface PassedOver {
  readonly kind: 'passed-over';
  readonly origin: Origin;
}

export type SourceItem = SourceRecord | SourceFailure | PassedOver;

/** What every reader needs: how to stop, and whom to tell of bytes that were read. */
export interface ReadOptions {
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

/** `file`, `file:line` or `file[index]`. */
export function originText({ file, line, index }: Origin): string {
  if (line !== undefined) return `${file}:${line}`;
  return index === undefined ? file : `${file}[${index}]`;
}
