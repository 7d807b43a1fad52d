import { parse, type CsvError } from 'csv-parse';
import { Readable, pipeline } from 'node:stream';
import { failure } from './read-json-lines.js';
import type { Origin, ReadOptions, SourceItem } from './source-item.js';

interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * One record a row (RFC 4180), whose fields the first row names; an empty cell is a field that is missing. Rows of
 * another length come as failures and do not end the reading; quotes that are not closed do.
 */
export async function* readCsv(
  input: AsyncIterable<Uint8Array>,
  file: string,
  { onBytes }: Pick<ReadOptions, 'onBytes'>,
): AsyncGenerator<SourceItem> {
  const parser = parse({ info: true, relax_column_count: true, skip_empty_lines: true, skip_records_with_error: true });
  // An error would take the rows before it along; what comes after it may be a part of another row.
  let broken: CsvError | undefined;
  parser.on('skip', (error: CsvError) => (broken ??= error));
  // The reader of the parser learns of errors.
  pipeline(Readable.from(decoded(input, onBytes)), parser, () => undefined);
  let header: readonly string[] | undefined;
  try {
    for await (const row of parser as AsyncIterable<Row>) {
      if (broken !== undefined && row.info.lines >= Number(broken.lines)) break;
      const origin = { file, line: lineOf(row) };
      if (header !== undefined) {
        yield rowItem(row.record, header, origin);
        continue;
      }
      header = row.record.map((name) => name.trim());
      const wrong = header.find((name, at) => name === '' || header?.indexOf(name) !== at);
      if (wrong === undefined) continue;
      yield failure('INVALID_RECORD', wrong === '' ? 'A column has no name' : 'Two columns have one name', origin, {
        received: header.join(', '),
        remedy: 'Give every column a name of its own in the first row.',
      });
      return;
    }
  } catch (error) {
    if (!(error instanceof NotUtf8)) throw error;
    yield failure('INVALID_TEXT', 'The file is not UTF-8', { file }, { remedy: 'Convert the file to UTF-8.' });
  }
  if (broken !== undefined) yield brokenRow(broken, file);
}

function brokenRow({ message, lines }: CsvError, file: string): SourceItem {
  return failure(
    'INVALID_RECORD',
    'The row is not CSV',
    { file, line: Number(lines) },
    { received: message, remedy: 'Double the quotes within a quoted value, and close it; what follows was not read.' },
  );
}

/** A row as a record of texts. */
function rowItem(cells: readonly string[], header: readonly string[], origin: Origin): SourceItem {
  if (cells.length !== header.length) {
    return failure('INVALID_RECORD', 'The row has not the columns of the first one', origin, {
      expected: `${header.length} values`,
      received: `${cells.length}`,
      remedy: 'Put values that hold commas in quotes.',
    });
  }
  const named = header.map((name, at) => [name, cells[at]] as const).filter(([, cell]) => cell !== '');
  return { kind: 'record', record: Object.fromEntries(named), origin, from: 'data', isUntyped: true };
}

/** The line that a row begins on; the parser counts those that it has read. */
function lineOf({ record, info }: Row): number {
  return info.lines - record.reduce((breaks, cell) => breaks + cell.split('\n').length - 1, 0);
}

class NotUtf8 extends Error {}

async function* decoded(input: AsyncIterable<Uint8Array>, onBytes: (bytes: number) => void): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const bytes of input) {
    onBytes(bytes.byteLength);
    yield decode(() => decoder.decode(bytes, { stream: true }));
  }
  yield decode(() => decoder.decode());
}

function decode(work: () => string): string {
  let text: string;
  try {
    text = work();
  } catch (cause) {
    throw new NotUtf8('Not UTF-8', { cause });
  }
  if (text.includes('\0')) throw new NotUtf8('A text holds no NUL');
  return text;
}
