import { isPlainObject } from '@nearfield/engine/encoder';
import { checkFilePath } from './file-path.js';
import type { RemoteFile } from './hub-client.js';

/** The state of a repository at a commit. */
export interface Listing {
  /** Names the state in the cache: a commit, or what stands for it on a server without. */
  readonly commit: string;
  /** What addresses of files name: the commit, or the revision where the server lists no files. */
  readonly revision: string;
  /** All files; undefined when the server does not list them. */
  readonly files: ReadonlyMap<string, RemoteFile> | undefined;
}

/**
 * Reads the hub's description of a revision: `{ sha, siblings: [{ rfilename, size, blobId, lfs: { sha256 } }] }`.
 * Undefined when it is none. Throws MODEL_INVALID for a file outside of the repository.
 */
export function readListing(description: unknown, repository: string): Listing | undefined {
  if (!isPlainObject(description) || !Array.isArray(description.siblings)) return undefined;
  const { sha, siblings } = description;
  if (!isCommit(sha)) return undefined;
  const files = new Map<string, RemoteFile>();
  for (const sibling of siblings as unknown[]) {
    if (!isPlainObject(sibling) || typeof sibling.rfilename !== 'string') return undefined;
    checkFilePath(sibling.rfilename, repository);
    files.set(sibling.rfilename, remoteFile(sibling));
  }
  return { commit: sha, revision: sha, files };
}

/** A commit becomes the name of a folder. */
export function isCommit(name: unknown): name is string {
  return typeof name === 'string' && /^[0-9a-zA-Z]{4,64}$/.test(name);
}

function remoteFile({ size, blobId, lfs }: Readonly<Record<string, unknown>>): RemoteFile {
  const large = isPlainObject(lfs) ? lfs : undefined;
  const sha256 = large?.sha256 ?? large?.oid;
  return {
    ...(typeof size === 'number' ? { size } : {}),
    ...(typeof sha256 === 'string' ? { sha256 } : {}),
    // The blob of a large file is only a pointer to it.
    ...(large === undefined && typeof blobId === 'string' ? { gitSha1: blobId } : {}),
  };
}

/** A listing as JSON for the cache, and back; undefined for what is not one. */
export function storedListing({ commit, revision, files }: Listing): string {
  return JSON.stringify({ commit, revision, files: files === undefined ? undefined : Object.fromEntries(files) });
}

export function restoredListing(text: string): Listing | undefined {
  try {
    const { commit, revision, files } = JSON.parse(text) as Record<string, unknown>;
    if (typeof commit !== 'string' || typeof revision !== 'string') return undefined;
    return { commit, revision, files: isPlainObject(files) ? new Map(Object.entries(files as object)) : undefined };
  } catch {
    return undefined;
  }
}
