import type { SchemaInput } from '@nearfield/engine';
import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { FoundFile } from './find-files.js';
import type { SourceItem } from './source-item.js';

/** The fields of a document: what `readDocument` writes. */
export const DOCUMENT_FIELDS = {
  title: 'text',
  text: 'text',
  path: 'keyword',
  modified: 'datetime',
  bytes: 'integer',
} as const satisfies SchemaInput['fields'];

const MARKDOWN = ['.md', '.markdown'];
/** The first heading of any level, in the style of CommonMark 0.31, section 4.2. */
const HEADING = /^ {0,3}#{1,6}[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*$/m;

/** A text file as a record. */
export async function readDocument(file: FoundFile, text: string): Promise<SourceItem> {
  // As text: a collection that does not declare the field keeps JSON only.
  const modified = (await stat(file.path)).mtime.toISOString();
  const record = {
    id: file.id,
    title: titleOf(file.path, text),
    text,
    path: file.path,
    modified,
    bytes: file.bytes,
  };
  return { kind: 'record', record, origin: { file: file.shown }, from: 'document' };
}

function titleOf(path: string, text: string): string {
  const heading = MARKDOWN.includes(extname(path).toLowerCase()) ? HEADING.exec(text)?.[1] : undefined;
  return heading ?? basename(path);
}
