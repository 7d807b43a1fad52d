import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { modelCacheFolder } from '../session/model-cache.js';
import { CACHE_SUBFOLDER, FILES_FOLDER, repositoryOf } from './hub-cache.js';

/** One commit of a repository, as far as it was downloaded. */
export interface CachedRepository {
  /** `organization/repository`; behind `text:hf/`, `image:hf/` or `audio:hf/` it names the encoder. */
  readonly repository: string;
  readonly commit: string;
  /** Of the files that are there. */
  readonly bytes: number;
}

/** What was downloaded from a hub and is in the model cache. A cache that cannot be read is empty. */
export async function cachedRepositories(folder = modelCacheFolder()): Promise<CachedRepository[]> {
  const root = join(folder, CACHE_SUBFOLDER);
  const found: CachedRepository[] = [];
  for (const name of await namesIn(root)) {
    for (const commit of await namesIn(join(root, name))) {
      const bytes = await sizeOf(join(root, name, commit, FILES_FOLDER));
      if (bytes > 0) found.push({ repository: repositoryOf(name), commit, bytes });
    }
  }
  return found;
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        stat(join(entry.parentPath, entry.name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
