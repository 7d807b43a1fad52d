import { NearfieldError, describe } from '@nearfield/engine/encoder';
import { readdir, stat } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { checksumFiles } from '../session/checksum.js';
import { checkFilePath, localPath } from './file-path.js';
import type { ModelRepository } from './model-repository.js';
import { readJson } from './read-json.js';

/** A folder with the layout of a model repository: nothing is downloaded, and its files are trusted as they are. */
export class FolderRepository implements ModelRepository {
  readonly revision = undefined;
  readonly #checksums = new Map<string, Promise<string>>();

  private constructor(
    readonly name: string,
    readonly files: readonly string[],
  ) {}

  /** Throws MODEL_NOT_FOUND when there is no such folder. */
  static async open(folder: string): Promise<FolderRepository> {
    const path = resolve(folder);
    try {
      const entries = await readdir(path, { recursive: true });
      return new FolderRepository(path, entries.map((entry) => entry.split(sep).join('/')).sort());
    } catch (cause) {
      const details = { received: describe(folder), remedy: 'Check the path of the folder.' };
      throw new NearfieldError('MODEL_NOT_FOUND', 'The folder of a model cannot be read', details, { cause });
    }
  }

  async has(path: string): Promise<boolean> {
    checkFilePath(path, this.name);
    try {
      return (await stat(localPath(this.name, path))).isFile();
    } catch {
      return false;
    }
  }

  async file(path: string): Promise<string> {
    if (await this.has(path)) return localPath(this.name, path);
    throw new NearfieldError('MODEL_NOT_FOUND', `The folder ${this.name} of a model has no file ${path}`, {
      field: path,
    });
  }

  async json(path: string): Promise<unknown> {
    return (await this.has(path)) ? readJson(localPath(this.name, path), this.name, path) : undefined;
  }

  async sha256(path: string): Promise<string> {
    const local = await this.file(path);
    let checksum = this.#checksums.get(path);
    if (checksum === undefined) this.#checksums.set(path, (checksum = checksumFiles([local])));
    return checksum;
  }
}
