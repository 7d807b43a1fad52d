import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.opus': 'audio/ogg',
};

/** A file as a data: URL. */
export async function dataUrl(path: string): Promise<string> {
  return `data:${MEDIA_TYPES[extname(path)]};base64,${(await readFile(path)).toString('base64')}`;
}

/** Text that stands in HTML or SVG. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
