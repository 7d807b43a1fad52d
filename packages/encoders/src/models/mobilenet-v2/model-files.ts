import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NearfieldError } from '@nearfield/engine/encoder';
import { CONVERTER_VERSION } from '../../convert/convert.js';
import { readModel } from '../../convert/graph-model-files.js';
import { shardNames } from '../../convert/model-json.js';
import { checksumFiles } from '../../session/checksum.js';
import { once } from '../../session/once.js';
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

/** SHA-256 (hex) of model.json and the weight files in their order. Computed once in a process. */
export const modelChecksum = once(async () => checksumFiles(await modelFiles()));

/** Paths of all files of the model. Throws ENCODER_UNAVAILABLE. */
export async function modelFiles(): Promise<string[]> {
  const folder = modelFolder();
  const shards = shardNames(await readModel(folder));
  return ['model.json', ...shards].map((name) => join(folder, name));
}

/** The name under which the converted model is cached. */
export function convertedName(checksum: string): string {
  return `mobilenet-v2-${CONVERTER_VERSION}-${checksum.slice(0, 16)}.onnx`;
}
