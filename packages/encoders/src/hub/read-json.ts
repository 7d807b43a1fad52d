import { NearfieldError } from '@nearfield/engine/encoder';
import { readFile } from 'node:fs/promises';

/** The content of a JSON file of a model. Throws MODEL_INVALID. */
export async function readJson(local: string, repository: string, path: string): Promise<unknown> {
  const content = await readFile(local, 'utf8');
  try {
    return JSON.parse(content);
  } catch (cause) {
    const details = { field: path, remedy: 'Use another model or revision.' };
    throw new NearfieldError('MODEL_INVALID', `${path} of model ${repository} is not JSON`, details, { cause });
  }
}
