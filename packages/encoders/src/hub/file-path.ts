import { NearfieldError, describe } from '@nearfield/engine/encoder';
import { join } from 'node:path';

/**
 * Throws MODEL_INVALID unless the path of a file of a repository stays inside it: names separated by `/`, none of them
 * empty, `.` or `..`. Paths come from strangers, in listings and in configuration files.
 */
export function checkFilePath(path: string, repository: string): void {
  const names = path.split('/');
  const inside = names.every((name) => name !== '' && name !== '.' && name !== '..' && !/[\\\0]/.test(name));
  // A colon names a drive or a stream of a file.
  if (inside && !(process.platform === 'win32' && path.includes(':'))) return;
  throw new NearfieldError('MODEL_INVALID', `Model ${repository} names a file outside of its repository`, {
    expected: 'a relative path without `..`',
    received: describe(path),
    remedy: 'Do not use this model.',
  });
}

/** The local path of a checked path within a folder. */
export function localPath(folder: string, path: string): string {
  return join(folder, ...path.split('/'));
}
