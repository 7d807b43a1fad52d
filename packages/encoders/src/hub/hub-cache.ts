import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { modelCacheFolder } from '../session/model-cache.js';
import { localPath } from './file-path.js';
import { restoredListing, storedListing, type Listing } from './listing.js';

/** Where the model cache keeps repositories, and a repository's commit its files. */
export const CACHE_SUBFOLDER = 'hub';
export const FILES_FOLDER = 'files';

/** The repository whose folder has that name: no name of a repository has two hyphens in a row. */
export function repositoryOf(folderName: string): string {
  return folderName.replace('--', '/');
}

/**
 * What was downloaded of a repository, in the model cache: `hub/<organization>--<repository>/` with `refs/<revision>`
 * (the commit that a revision last was) and, for each commit, `listing.json`, `files/` and `sha256/` (the checksum of
 * each file that is there).
 */
export class HubCache {
  readonly #folder: string;

  constructor(repository: string, folder = modelCacheFolder()) {
    this.#folder = join(folder, CACHE_SUBFOLDER, repository.replace('/', '--'));
  }

  /** The listing of a commit, or of the commit that a revision was when it was last asked for. */
  async listing(revision: string): Promise<Listing | undefined> {
    const commit = /^[0-9a-f]{40}$/.test(revision) ? revision : await readText(this.#ref(revision));
    const text = commit === undefined ? undefined : await readText(join(this.#commit(commit), 'listing.json'));
    return text === undefined ? undefined : restoredListing(text);
  }

  /** A cache that cannot be written costs only the saving. */
  async saveListing(revision: string, listing: Listing): Promise<void> {
    try {
      await replaceText(join(this.#commit(listing.commit), 'listing.json'), storedListing(listing));
      await replaceText(this.#ref(revision), listing.commit);
    } catch {
      // Files that have to be stored tell what is wrong with it.
    }
  }

  /** Where a file of a commit is, once it is there. */
  path(commit: string, path: string): string {
    return localPath(join(this.#commit(commit), FILES_FOLDER), path);
  }

  /** Where the checksum of that file is. */
  recordPath(commit: string, path: string): string {
    return localPath(join(this.#commit(commit), 'sha256'), path);
  }

  /** The recorded SHA-256 (hex) of a file that is there. */
  async recorded(commit: string, path: string): Promise<string | undefined> {
    if (!(await isFile(this.path(commit, path)))) return undefined;
    const text = (await readText(this.recordPath(commit, path)))?.trim();
    return text !== undefined && /^[0-9a-f]{64}$/.test(text) ? text : undefined;
  }

  #ref(revision: string): string {
    return join(this.#folder, 'refs', encodeURIComponent(revision));
  }

  #commit(commit: string): string {
    return join(this.#folder, encodeURIComponent(commit));
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

async function replaceText(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomUUID()}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
