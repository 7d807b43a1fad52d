import { NearfieldError } from '@nearfield/engine/encoder';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { RemoteFile } from './hub-client.js';

/**
 * Compares a file with each thing that is known of it and gives its SHA-256 (hex). Throws CHECKSUM_MISMATCH.
 *
 * @param name of the file, for messages
 */
export async function verifyFile(path: string, known: readonly RemoteFile[], name: string): Promise<string> {
  const { size } = await stat(path);
  const sha256 = createHash('sha256');
  // Git names a file by the SHA-1 of its kind and length followed by its content.
  const gitSha1 = createHash('sha1').update(`blob ${size}\0`);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 19 })) {
    sha256.update(chunk);
    gitSha1.update(chunk);
  }
  const actual: Required<RemoteFile> = { size, sha256: sha256.digest('hex'), gitSha1: gitSha1.digest('hex') };
  for (const file of known) {
    for (const what of ['size', 'sha256', 'gitSha1'] as const) {
      if (file[what] === undefined || file[what] === actual[what]) continue;
      throw new NearfieldError('CHECKSUM_MISMATCH', `${name} is not what the hub says it is`, {
        expected: `${what} ${file[what]}`,
        received: `${what} ${actual[what]}`,
        field: what,
      });
    }
  }
  return actual.sha256;
}
