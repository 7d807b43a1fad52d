import { outgoing } from '../../wire/outgoing.js';

const DEFAULT_COLUMNS = 80;
const MOST_COLUMNS = 120;

/** Columns that a table may take: those of the terminal, within what the eye follows. */
export function outputColumns(): number {
  return Math.min(process.stdout.columns ?? DEFAULT_COLUMNS, MOST_COLUMNS);
}

export function printLines(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** One line of JSON, written as the server writes it. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(outgoing(value, 'json'))}\n`);
}
