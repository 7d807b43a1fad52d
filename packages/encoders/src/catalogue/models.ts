import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NearfieldError } from '@nearfield/engine/encoder';
import { BAG_OF_WORDS } from '../bow/about.js';
import { MOBILENET_V2 } from '../models/mobilenet-v2/about.js';
import { SPECTRAL } from '../models/spectral/about.js';
import { SPEECH } from '../models/speech/about.js';
import { USE_LITE } from '../models/use-lite/about.js';
import { modelCacheFolder } from '../session/model-cache.js';
import type { ModelEntry, ModelInfo } from './model-entry.js';

const ENTRIES: readonly ModelEntry[] = [USE_LITE, BAG_OF_WORDS, MOBILENET_V2, SPEECH, SPECTRAL];

/** The encoders of this package, with the size and licence of their models and whether these are here. Loads none. */
export function models(): Promise<ModelInfo[]> {
  return Promise.all(ENTRIES.map(infoOf));
}

async function infoOf({ files, converted, ...known }: ModelEntry): Promise<ModelInfo> {
  if (files === undefined) return { ...known, state: 'built-in' };
  try {
    const paths = await files();
    const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const cached = converted !== undefined && (await exists(join(modelCacheFolder(), await converted())));
    return { ...known, state: cached ? 'cached' : 'installed', bytes };
  } catch (error) {
    if (error instanceof NearfieldError && error.code === 'ENCODER_UNAVAILABLE') return { ...known, state: 'missing' };
    throw error;
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
