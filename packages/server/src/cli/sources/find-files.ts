import { NearfieldError } from '@nearfield/engine';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';

export interface FoundFile {
  /** Absolute. */
  readonly path: string;
  /** As the user named it, or below the folder that the user named. */
  readonly shown: string;
  /** Relative to the folder that the user named, with slashes; of a file named itself, as it was named. */
  readonly id: string;
  /** Whether the user named the file itself. */
  readonly named: boolean;
  readonly bytes: number;
}

/**
 * The files that paths stand for: folders are walked in the order of names, without hidden entries, node_modules and
 * symbolic links, and without `except`. Throws INVALID_ARGUMENT for a path that does not exist.
 */
export async function findFiles(paths: readonly string[], except: readonly string[]): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const path of paths) {
    const status = await stat(path).catch((cause: unknown) => {
      throw new NearfieldError('INVALID_ARGUMENT', `${path} cannot be read`, { remedy: 'Check the path.' }, { cause });
    });
    if (status.isDirectory()) {
      for await (const file of walk(path, path)) if (!except.includes(file.path)) found.push(file);
    } else {
      const id = relative('', path).split(sep).join('/');
      found.push({ path: resolve(path), shown: path, id, named: true, bytes: status.size });
    }
  }
  return found;
}

async function* walk(root: string, folder: string): AsyncGenerator<FoundFile> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(root, path);
    if (!entry.isFile()) continue;
    const id = relative(root, path).split(sep).join('/');
    yield { path: resolve(path), shown: path, id, named: false, bytes: (await stat(path)).size };
  }
}
