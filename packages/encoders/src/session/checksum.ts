import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** SHA-256 (hex) of files one after the other, read in pieces so that the event loop stays free. */
export async function checksumFiles(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 19 })) hash.update(chunk);
  }
  return hash.digest('hex');
}
