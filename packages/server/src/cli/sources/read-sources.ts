import { NearfieldError } from '@nearfield/engine';
import { addAbortSignal } from 'node:stream';
import type { FoundFile } from './find-files.js';
import { identify } from './identify.js';
import { readFileItems } from './read-file.js';
import { failure, readJsonLines } from './read-json-lines.js';
import { STANDARD_INPUT, type ReadOptions, type SourceItem } from './source-item.js';

export interface SourceOptions extends ReadOptions {
  /** The field that holds the id of a record of a data file. */
  readonly idField: string | undefined;
}

/** All records of the files, one after the other, read only as fast as they are taken. */
export async function* readSources(files: readonly FoundFile[], options: SourceOptions): AsyncGenerator<SourceItem> {
  const documents = new Map<unknown, string>();
  for (const file of files) {
    for await (const item of readFileItems(file, options)) {
      if (item.kind !== 'record' || item.from === 'data') {
        yield item.kind === 'record' ? identify(item, options.idField) : item;
        continue;
      }
      const { id } = item.record;
      const other = documents.get(id);
      if (other === undefined) documents.set(id, file.shown);
      yield other === undefined ? item : sameId(file, other);
    }
  }
}

/** The records of the standard input, one a line. */
export async function* readStandardInput(options: SourceOptions): AsyncGenerator<SourceItem> {
  if (process.stdin.isTTY) {
    throw new NearfieldError('INVALID_ARGUMENT', 'The standard input is a terminal', {
      remedy: 'Pipe JSON Lines into it.',
    });
  }
  // Waiting for a line that does not come must end when the user says so.
  addAbortSignal(options.signal, process.stdin);
  for await (const item of readJsonLines(process.stdin, STANDARD_INPUT, options)) {
    yield item.kind === 'record' ? identify(item, options.idField) : item;
  }
}

/** Two folders may hold files of one relative path: the second would silently replace the first. */
function sameId(file: FoundFile, other: string): SourceItem {
  return failure(
    'INVALID_ID',
    `The file has the same id as ${other}`,
    { file: file.shown },
    {
      received: JSON.stringify(file.id),
      remedy: 'Ingest the folder that holds both, so that their relative paths differ.',
    },
  );
}
