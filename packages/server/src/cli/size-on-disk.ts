import { statSync } from 'node:fs';

/** Bytes of a database: the file, and the part of it that SQLite still keeps in its write-ahead log. */
export function sizeOnDisk(path: string): number {
  return ['', '-wal'].reduce((sum, suffix) => sum + (statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0), 0);
}
