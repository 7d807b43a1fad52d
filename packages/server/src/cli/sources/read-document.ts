import type { SchemaInput } from '@nearfield/engine';
import { stat } from 'node:fs/promises';
import { basename, extname, parse } from 'node:path';
import type { FoundFile } from './find-files.js';
import type { MediaKind } from './media-kind.js';
import type { SourceItem } from './source-item.js';

/** The fields of every file: what `readDocument` and `readMediaFile` write, but for the image or the sound itself. */
export const DOCUMENT_FIELDS = {
  title: 'text',
  text: 'text',
  kind: 'keyword',
  path: 'keyword',
  modified: 'datetime',
  bytes: 'integer',
} as const satisfies SchemaInput['fields'];

const MARKDOWN = ['.md', '.markdown'];
/** The first heading of any level, in the style of CommonMark 0.31, section 4.2. */
const HEADING = /^ {0,3}#{1,6}[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*$/m;

/** A text file as a record. */
export async function readDocument(file: FoundFile, text: string): Promise<SourceItem> {
  const record = { id: file.id, title: titleOf(file.path, text), text, kind: 'text', ...(await factsOf(file)) };
  return { kind: 'record', record, origin: { file: file.shown }, from: 'document' };
}

/** An image or sound as a record: its path stands under `kind`, and an encoder reads it from there. */
export async function readMediaFile(file: FoundFile, kind: MediaKind): Promise<SourceItem> {
  const record = { id: file.id, title: wordsOfName(file.path), kind, [kind]: file.path, ...(await factsOf(file)) };
  return { kind: 'record', record, origin: { file: file.shown }, from: kind };
}

async function factsOf(file: FoundFile) {
  // As text: a collection that does not declare the field keeps JSON only.
  return { path: file.path, modified: (await stat(file.path)).mtime.toISOString(), bytes: file.bytes };
}

/** What a file is called, as words that a search finds: 'red_bicycle-2.jpg' is 'red bicycle 2'. */
function wordsOfName(path: string): string {
  const { name, base } = parse(path);
  return name.replaceAll(/[\s_.-]+/g, ' ').trim() || base;
}

function titleOf(path: string, text: string): string {
  const heading = MARKDOWN.includes(extname(path).toLowerCase()) ? HEADING.exec(text)?.[1] : undefined;
  return heading ?? basename(path);
}
