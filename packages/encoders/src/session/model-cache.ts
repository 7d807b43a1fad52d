import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder of converted models: `nearfield/models` under NEARFIELD_CACHE when it is set, else under the system's
 * cache folder of the user (XDG_CACHE_HOME or ~/.cache, ~/Library/Caches on macOS, LOCALAPPDATA on Windows).
 */
export function modelCacheFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  return join(env.NEARFIELD_CACHE || userCacheFolder(env, platform), 'nearfield', 'models');
}

function userCacheFolder(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): string {
  switch (platform) {
    case 'win32':
      return env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local');
    case 'darwin':
      return join(homedir(), 'Library', 'Caches');
    default:
      return env.XDG_CACHE_HOME || join(homedir(), '.cache');
  }
}

/**
 * The bytes of `name` in the folder when they match the SHA-256 recorded beside them (`<name>.sha256`); otherwise what
 * `build` makes, which is then stored. A missing, torn or changed file is built anew. A folder that cannot be read
 * or written only costs the saving.
 */
export async function cachedModel(folder: string, name: string, build: () => Promise<Uint8Array>): Promise<Uint8Array> {
  const path = join(folder, name);
  const stored = await readVerified(path);
  if (stored !== undefined) return stored;
  const built = await build();
  try {
    await mkdir(folder, { recursive: true });
    await replaceFile(path, built);
    await replaceFile(`${path}.sha256`, `${sha256(built)}\n`);
  } catch {
    // The model works from memory; the next process tries to store it again.
  }
  return built;
}

async function readVerified(path: string): Promise<Uint8Array | undefined> {
  try {
    const [bytes, recorded] = await Promise.all([readFile(path), readFile(`${path}.sha256`, 'utf8')]);
    return sha256(bytes) === recorded.trim() ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** Writes beside the target and renames, so that a reader sees the old content or the new, never a part. */
async function replaceFile(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
