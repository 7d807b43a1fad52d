import { NearfieldError } from '@nearfield/engine';
import { plainText } from './plain-text.js';

/**
 * An error as lines for a person: its code and message, which ends with the remedy. The stack shows with
 * DEBUG=nearfield only.
 */
export function failureText(error: unknown, where?: string): string {
  const code = error instanceof NearfieldError ? error.code : 'UNEXPECTED';
  const line = failureLine({ code, message: error instanceof Error ? error.message : String(error) }, where);
  if (!(error instanceof Error) || !showsStacks()) return line;
  const cause =
    error.cause === undefined
      ? ''
      : `\ncaused by ${error.cause instanceof Error ? error.cause.stack : String(error.cause)}`;
  return `${line}\n${error.stack}${cause}`;
}

/** The line of a failure of which only code and message are known. */
export function failureLine({ code, message }: { code: string; message: string }, where?: string): string {
  const place = where === undefined ? '' : `${plainText(where)}: `;
  return `nearfield: ${place}${code}: ${plainText(message)}`;
}

function showsStacks(): boolean {
  return (process.env.DEBUG ?? '').split(',').includes('nearfield');
}
