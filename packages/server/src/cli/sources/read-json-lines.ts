import { NearfieldError } from '@nearfield/engine';
import { describe, isPlainObject } from '@nearfield/engine/encoder';
import { decodeText } from './decode-text.js';
import { readLines } from './read-lines.js';
import type { Origin, ReadOptions, SourceFailure, SourceItem } from './source-item.js';

/**
 * One record a line (JSON Lines); blank lines are passed over, broken ones come as failures and do not end the
 * reading.
 */
export async function* readJsonLines(
  input: AsyncIterable<Uint8Array>,
  file: string,
  { onBytes }: Pick<ReadOptions, 'onBytes'>,
): AsyncGenerator<SourceItem> {
  let line = 0;
  for await (const bytes of readLines(input)) {
    line++;
    onBytes(bytes.byteLength + 1);
    const text = decodeText(bytes);
    if (text?.trim() === '') continue;
    yield parseLine(text, { file, line });
  }
}

function parseLine(text: string | undefined, origin: Origin): SourceItem {
  if (text === undefined)
    return failure('INVALID_TEXT', 'The line is not UTF-8', origin, { remedy: 'Convert the file to UTF-8.' });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    return failure('INVALID_RECORD', 'The line is not JSON', origin, {
      received: message,
      remedy: 'Write one JSON object a line.',
    });
  }
  return dataItem(value, origin);
}

/** A value of a data file as a record, or the failure to be one. */
export function dataItem(value: unknown, origin: Origin): SourceItem {
  if (isPlainObject(value)) return { kind: 'record', record: value, origin, from: 'data' };
  return failure('INVALID_RECORD', 'Not a record', origin, { expected: 'a JSON object', received: describe(value) });
}

export function failure(
  code: 'INVALID_TEXT' | 'INVALID_RECORD' | 'INVALID_ID' | 'INVALID_ARGUMENT' | 'TEXT_TOO_LONG',
  what: string,
  origin: Origin,
  details: { expected?: string; received?: string; remedy?: string; field?: string } = {},
  cause?: unknown,
): SourceFailure {
  return { kind: 'failure', error: new NearfieldError(code, what, details, { cause }), origin };
}
