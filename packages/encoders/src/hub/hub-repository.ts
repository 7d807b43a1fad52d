import { NearfieldError } from '@nearfield/engine/encoder';
import type { RetryPolicy } from '../http/retry.js';
import { download } from './download.js';
import { hubEnvironment } from './environment.js';
import { checkFilePath } from './file-path.js';
import { HubCache } from './hub-cache.js';
import { HubClient } from './hub-client.js';
import type { Listing } from './listing.js';
import type { ModelRepository, RepositoryOptions } from './model-repository.js';
import { readJson } from './read-json.js';
import { exists, findListing } from './find-listing.js';
import { verifyFile } from './verify-file.js';

/** Some five seconds of failures; a download that makes progress begins to count anew. */
const RETRY: RetryPolicy = { retries: 4, baseMs: 400, maxMs: 30_000 };

/** Files that are being downloaded or were verified in this process, by their place in the cache, with their SHA-256. */
const obtained = new Map<string, Promise<string>>();

/** Throws MODEL_NOT_FOUND and MODEL_UNAVAILABLE. */
export async function openHubRepository(
  { repository, revision }: { repository: string; revision: string },
  options: RepositoryOptions,
): Promise<ModelRepository> {
  const environment = hubEnvironment();
  const client = environment.offline ? undefined : new HubClient(environment);
  const cache = new HubCache(repository);
  const retry = options.retry ?? RETRY;
  const listing = await findListing(client, cache, { repository, revision, retry });
  return new HubRepository(repository, listing, client, cache, { ...options, retry });
}

class HubRepository implements ModelRepository {
  /** @param client undefined when nothing may be asked or downloaded */
  constructor(
    readonly name: string,
    private readonly listing: Listing,
    private readonly client: HubClient | undefined,
    private readonly cache: HubCache,
    private readonly options: RepositoryOptions & { readonly retry: RetryPolicy },
  ) {}

  get revision(): string {
    return this.listing.commit;
  }

  get files(): readonly string[] | undefined {
    return this.listing.files && [...this.listing.files.keys()];
  }

  async has(path: string): Promise<boolean> {
    checkFilePath(path, this.name);
    if (this.listing.files !== undefined) return this.listing.files.has(path);
    if ((await this.cache.recorded(this.revision, path)) !== undefined) return true;
    if (this.client === undefined) return false;
    return exists(this.client, this.#url(path), `${path} of model ${this.name}`, this.options.retry);
  }

  async file(path: string): Promise<string> {
    checkFilePath(path, this.name);
    await this.#obtain(path);
    return this.cache.path(this.revision, path);
  }

  async json(path: string): Promise<unknown> {
    return (await this.has(path)) ? readJson(await this.file(path), this.name, path) : undefined;
  }

  async sha256(path: string): Promise<string> {
    checkFilePath(path, this.name);
    const listed = this.listing.files?.get(path)?.sha256;
    return listed ?? this.#obtain(path);
  }

  /** The SHA-256 of a file that is now in the cache. Calls at the same time share one download. */
  async #obtain(path: string): Promise<string> {
    const target = this.cache.path(this.revision, path);
    for (;;) {
      let file = obtained.get(target);
      const known = file !== undefined;
      if (file === undefined) {
        obtained.set(target, (file = this.#verified(path, target)));
        // What fails now may succeed later.
        file.catch(() => obtained.delete(target));
      }
      const sha256 = await file;
      // Somebody may have cleared the cache since.
      if (!known || (await this.cache.recorded(this.revision, path)) !== undefined) return sha256;
      if (obtained.get(target) === file) obtained.delete(target);
    }
  }

  /** A file of an earlier process is read once, because a torn or changed one would give wrong embeddings quietly. */
  async #verified(path: string, target: string): Promise<string> {
    const name = `${path} of model ${this.name}`;
    const listed = this.listing.files?.get(path);
    const recorded = await this.cache.recorded(this.revision, path);
    if (recorded !== undefined) {
      try {
        return await verifyFile(target, [{ sha256: recorded }, listed ?? {}], name);
      } catch (error) {
        if (this.client === undefined || (error as NearfieldError).code !== 'CHECKSUM_MISMATCH') throw error;
      }
    }
    if (this.listing.files !== undefined && listed === undefined) {
      throw new NearfieldError('MODEL_NOT_FOUND', `Model ${this.name} has no file ${path}`, { field: path });
    }
    if (this.client === undefined) {
      const remedy = 'Unset HF_HUB_OFFLINE once to download it, or give a local folder.';
      throw new NearfieldError('MODEL_UNAVAILABLE', `${name} was not downloaded before`, { remedy, field: path });
    }
    return download(this.client, {
      url: this.#url(path, this.client),
      target,
      record: this.cache.recordPath(this.revision, path),
      known: listed,
      name,
      retry: this.options.retry,
      onProgress: (done, total) => this.options.onProgress?.({ phase: 'download', file: path, done, total }),
    });
  }

  #url(path: string, client = this.client as HubClient): URL {
    return client.fileUrl(this.name, this.listing.revision, path);
  }
}
