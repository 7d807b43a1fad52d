import { FolderRepository } from './folder-repository.js';
import { openHubRepository } from './hub-repository.js';
import type { ModelRepository, RepositoryOptions } from './model-repository.js';
import { parseRepositoryName } from './repository-name.js';

/**
 * Opens a repository by name (see `parseRepositoryName`). One request asks the hub for the commit and its files; when
 * the hub cannot be reached, what was downloaded before is used. Throws INVALID_ARGUMENT, MODEL_NOT_FOUND and
 * MODEL_UNAVAILABLE.
 */
export async function openRepository(name: string, options: RepositoryOptions = {}): Promise<ModelRepository> {
  if (options.folder !== undefined) return FolderRepository.open(options.folder);
  const parsed = parseRepositoryName(name);
  return parsed.kind === 'folder' ? FolderRepository.open(parsed.folder) : openHubRepository(parsed, options);
}
