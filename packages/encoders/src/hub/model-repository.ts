import type { RetryPolicy } from '../http/retry.js';

/** Bytes of one file that have arrived; `total` is missing while the server has not told it. */
export interface DownloadProgress {
  readonly phase: 'download';
  readonly file: string;
  readonly done: number;
  readonly total?: number;
}

/** The files of a model: a repository of a hub at one commit, or a folder with the same layout. */
export interface ModelRepository {
  /** `org/repository`, or the path of the folder. */
  readonly name: string;
  /** The commit, or undefined for a folder. */
  readonly revision: string | undefined;
  /** Paths of all files, `/` between names; undefined when the server cannot list them. */
  readonly files: readonly string[] | undefined;
  /** Whether there is such a file. Throws MODEL_INVALID for a path that leads out, and MODEL_UNAVAILABLE. */
  has(path: string): Promise<boolean>;
  /**
   * The local path of a file, after it was downloaded and its checksum compared if need be. Files of one repository lie
   * to each other as they do in the repository. Throws MODEL_NOT_FOUND, MODEL_UNAVAILABLE, CHECKSUM_MISMATCH,
   * MODEL_INVALID for a path that leads out, STORAGE_FULL and STORAGE_FAILED.
   */
  file(path: string): Promise<string>;
  /** The content of a JSON file, or undefined when there is no such file. Throws what `file` throws, and MODEL_INVALID. */
  json(path: string): Promise<unknown>;
  /** SHA-256 (hex) of a file. A large file of a hub is not downloaded for it. Throws what `file` throws. */
  sha256(path: string): Promise<string>;
}

export interface RepositoryOptions {
  /** A folder that holds the files: nothing is downloaded, and the name is only a name. */
  readonly folder?: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** How failed requests are repeated. */
  readonly retry?: RetryPolicy;
}
