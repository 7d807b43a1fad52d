import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { decodeText } from './decode-text.js';
import type { FoundFile } from './find-files.js';
import { mediaKind } from './media-kind.js';
import { readCsv } from './read-csv.js';
import { readDocument, readMediaFile } from './read-document.js';
import { dataItem, failure, readJsonLines } from './read-json-lines.js';
import type { ReadOptions, SourceItem } from './source-item.js';

const CSV = '.csv';
const JSON_LINES = ['.jsonl', '.ndjson'];
/** Files that a folder holds as texts, so that one which is not UTF-8 is a mistake and not another kind of file. */
const TEXTS = ['.txt', '.md', '.markdown'];
/** The largest files that are read whole, in bytes: no text of a record is longer, no JSON array should be. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024;
const MAX_JSON_BYTES = 256 * 1024 * 1024;
/** Enough of a file to see that it is no text. */
const SNIFF_BYTES = 8192;

/**
 * The records of a file, by its name: JSON Lines, CSV, a JSON array, an image, a sound, or else a text. A JSON file that is no
 * array is a text when it was found in a folder, and a mistake when the user named it.
 */
export async function* readFileItems(file: FoundFile, options: ReadOptions): AsyncGenerator<SourceItem> {
  const extension = extname(file.path).toLowerCase();
  try {
    if (JSON_LINES.includes(extension)) {
      yield* readJsonLines(createReadStream(file.path, { signal: options.signal }), file.shown, options);
      return;
    }
    if (extension === CSV) {
      yield* readCsv(createReadStream(file.path, { signal: options.signal }), file.shown, options);
      return;
    }
    const media = mediaKind(file.path);
    if (media !== undefined) {
      yield await readMediaFile(file, media);
    } else if (!file.named && !TEXTS.includes(extension) && (await startsAsBinary(file.path))) {
      yield { kind: 'passed-over', origin: { file: file.shown } };
    } else {
      yield* readWhole(file, extension, options.signal);
    }
    options.onBytes(file.bytes);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (options.signal.aborted || syscall === undefined) throw error;
    yield failure(
      'INVALID_ARGUMENT',
      `The file cannot be read (${code})`,
      { file: file.shown },
      { remedy: 'Check the file.' },
      error,
    );
  }
}

async function* readWhole(file: FoundFile, extension: string, signal: AbortSignal): AsyncGenerator<SourceItem> {
  const origin = { file: file.shown };
  if (file.bytes > (extension === '.json' ? MAX_JSON_BYTES : MAX_TEXT_BYTES)) {
    yield failure('TEXT_TOO_LONG', 'The file is too large to be read whole', origin, {
      received: `${file.bytes} bytes`,
      remedy: 'Split it, or write one record a line in a .jsonl file.',
    });
    return;
  }
  const text = decodeText(await readFile(file.path, { signal }));
  if (text === undefined) {
    if (file.named || TEXTS.includes(extension)) {
      yield failure('INVALID_TEXT', 'The file is not UTF-8 text', origin, { remedy: 'Convert the file to UTF-8.' });
    } else {
      yield { kind: 'passed-over', origin };
    }
  } else if (extension === '.json') {
    yield* readJson(file, text);
  } else {
    yield await readDocument(file, text);
  }
}

async function* readJson(file: FoundFile, text: string): AsyncGenerator<SourceItem> {
  const origin = { file: file.shown };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const line = lineOf(message, text);
    yield failure(
      'INVALID_RECORD',
      'The file is not JSON',
      { ...origin, line },
      { received: message, remedy: 'Correct the file.' },
    );
    return;
  }
  if (Array.isArray(value)) {
    for (const [index, member] of (value as unknown[]).entries()) yield dataItem(member, { ...origin, index });
  } else if (file.named) {
    yield failure('INVALID_RECORD', 'The file is not an array of records', origin, {
      remedy: 'Write [ … ] around the records, or one record a line in a .jsonl file.',
    });
  } else {
    yield await readDocument(file, text);
  }
}

/** The line that a message of JSON.parse names by its position. */
function lineOf(message: string, text: string): number | undefined {
  const position = /position (\d+)/.exec(message)?.[1];
  return position === undefined ? undefined : text.slice(0, Number(position)).split('\n').length;
}

async function startsAsBinary(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0);
    return buffer.subarray(0, bytesRead).includes(0);
  } finally {
    await handle.close();
  }
}
