import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readModelJson, shardNames, type ModelJson } from './model-json.js';

/** The `model.json` of a folder. Throws MODEL_INVALID. */
export async function readModel(folder: string): Promise<ModelJson> {
  return readModelJson(JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')));
}

/** The weight files as one block. */
export async function readShards(folder: string, model: ModelJson): Promise<Uint8Array> {
  return Buffer.concat(await Promise.all(shardNames(model).map((name) => readFile(join(folder, name)))));
}
