import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NearfieldError } from '@nearfield/engine/encoder';
import { readModel } from '../../convert/graph-model-files.js';
import { shardNames } from '../../convert/model-json.js';
import { checksumFiles } from '../../session/checksum.js';
import { NAME } from './specification.js';

/** The folder that the build fills with model.json and its weight files. Throws ENCODER_UNAVAILABLE. */
export function modelFolder(): string {
  const folder = fileURLToPath(new URL('weights', import.meta.url));
  if (existsSync(join(folder, 'model.json'))) return folder;
  throw new NearfieldError('ENCODER_UNAVAILABLE', `The weights of ${NAME} are missing`, {
    expected: folder,
    remedy: 'Reinstall @nearfield/encoders; in its source tree, run the build.',
  });
}

let known: Promise<string> | undefined;

/** SHA-256 (hex) of model.json and the weight files in their order. Computed once in a process. */
export function modelChecksum(): Promise<string> {
  known ??= computeChecksum();
  known.catch(() => (known = undefined));
  return known;
}

async function computeChecksum(): Promise<string> {
  const folder = modelFolder();
  const shards = shardNames(await readModel(folder));
  return checksumFiles(['model.json', ...shards].map((name) => join(folder, name)));
}
